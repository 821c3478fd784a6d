# Draws crossbar_scaling.png from crossbar_scaling.csv: gnuplot crossbar_scaling.gp, in this folder.
set datafile separator ','
set terminal pngcairo size 900,420 font 'sans,11'
set output 'crossbar_scaling.png'
set multiplot layout 1,2
set logscale xy
set xtics (32, 64, 128, 256, 512, 1024)
set xlabel 'rows and columns'
set xrange [24:1500]
set grid
set key left top
set key font ',9'
set ylabel 'ms, one thread'
plot 'crossbar_scaling.csv' using 1:3 skip 1 with linespoints pt 7 title 'effective matrix, all inputs', \
     '' using 1:2 skip 1 with linespoints pt 5 title 'one input vector', \
     '' using 1:4 skip 1 with linespoints pt 9 title 'SparseLU, one input vector'
set ylabel 'MB, peak of the process'
plot 'crossbar_scaling.csv' using 1:5 skip 1 with linespoints pt 7 title 'effective matrix'
