# Draws converters.png from the file that xcim-example-09_converters writes:
#   xcim-example-09_converters converters.csv && gnuplot converters.gp
set datafile separator ','
set terminal pngcairo size 900,520 font 'sans,11'
set output 'converters.png'
set multiplot layout 2,2
set grid
set xlabel 'code'
set ylabel 'LSB'
set xrange [0:255]
curve(name, column) = strcol(1) eq name ? column : NaN
do for [name in '"SAR" "split SAR" "pipeline" "cyclic"'] {
    set title name.', 8 bits, one converter'
    plot 'converters.csv' using 2:(curve(name, $4)) skip 1 with impulses lc rgb '#99bbdd' title 'DNL', \
         '' using 2:(curve(name, $3)) skip 1 with lines lw 2 lc rgb '#204080' title 'INL'
}
