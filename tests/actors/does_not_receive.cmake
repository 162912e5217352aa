# Compiles does_not_receive.cpp in three ways: as it is it must pass; with a
# wrong send or ask, the first error must name the actor and the message.
#
#   cmake -D CXX=g++ -D INCLUDES=dir;dir -P does_not_receive.cmake

list(TRANSFORM INCLUDES PREPEND -I)

foreach(way IN ITEMS NOTHING SEND ASK)
  execute_process(
    COMMAND ${CXX} -std=c++20 -fsyntax-only ${INCLUDES} -D${way}
      ${CMAKE_CURRENT_LIST_DIR}/does_not_receive.cpp
    RESULT_VARIABLE result ERROR_VARIABLE output)
  string(REGEX MATCH "[^\n]*error:[^\n]*" first_error "${output}")
  message("${way}: ${first_error}")

  if(way STREQUAL NOTHING)
    if(NOT result EQUAL 0)
      message(FATAL_ERROR "It should compile:\n${output}")
    endif()
  elseif(NOT first_error MATCHES "Counter.*does_not_receive<Start>")
    message(FATAL_ERROR "The first error does not say it:\n${output}")
  endif()
endforeach()
