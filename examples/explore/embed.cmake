# Turns a file into a C++ array.
#   cmake -DINPUT=file -DOUTPUT=file.cpp -DNAME=identifier -DNAMESPACE=namespace -P embed.cmake

file(READ "${INPUT}" bytes HEX)
string(LENGTH "${bytes}" digits)
math(EXPR size "${digits} / 2")
string(REGEX REPLACE "(..)" "0x\\1," bytes "${bytes}")
string(REPEAT "0x..," 16 line)
string(REGEX REPLACE "${line}" "\\0\n" bytes "${bytes}")
file(WRITE "${OUTPUT}"
     "#include <cstddef>\n\n"
     "namespace ${NAMESPACE} {\n\n"
     "extern unsigned char const ${NAME}[];\n"
     "extern std::size_t const ${NAME}_size;\n\n"
     "alignas(16) unsigned char const ${NAME}[] = {\n${bytes}};\n"
     "std::size_t const ${NAME}_size = ${size};\n\n"
     "}  // namespace ${NAMESPACE}\n")
