# Compiles through ccache where it is installed.

find_program(GREENROOM_CCACHE ccache)
mark_as_advanced(GREENROOM_CCACHE)

if(GREENROOM_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  # The sloppiness is what lets ccache work beside a precompiled header.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env
    CCACHE_SLOPPINESS=pch_defines,time_macros ${GREENROOM_CCACHE})
endif()
