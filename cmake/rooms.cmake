# How a folder of the library says what is in it.

# greenroom_room(<noun>...): a noun is <noun>.hpp, with <noun>.cpp and
# tests/<folder>/<noun>_test.cpp where they exist.
function(greenroom_room)
  cmake_path(RELATIVE_PATH CMAKE_CURRENT_SOURCE_DIR
    BASE_DIRECTORY ${greenroom_SOURCE_DIR} OUTPUT_VARIABLE folder)
  foreach(noun IN LISTS ARGN)
    set(header ${CMAKE_CURRENT_SOURCE_DIR}/${noun}.hpp)
    set(source ${CMAKE_CURRENT_SOURCE_DIR}/${noun}.cpp)
    set(test ${greenroom_SOURCE_DIR}/tests/${folder}/${noun}_test.cpp)
    set(found FALSE)

    if(EXISTS ${header})
      target_sources(greenroom PUBLIC FILE_SET HEADERS
        FILES ${GREENROOM_INCLUDE_DIR}/greenroom/${folder}/${noun}.hpp)
      set(found TRUE)
    endif()
    if(EXISTS ${source})
      target_sources(greenroom PRIVATE ${source})
      set(found TRUE)
    endif()
    if(EXISTS ${test})
      set_property(GLOBAL APPEND PROPERTY "GREENROOM_TESTS ${folder}" ${test})
    endif()

    if(NOT found)
      message(SEND_ERROR "There is neither ${header} nor ${source}.")
    endif()
  endforeach()
endfunction()
