# Compiles through ccache where it is installed.

find_program(GREENROOM_CCACHE ccache)
mark_as_advanced(GREENROOM_CCACHE)

if(GREENROOM_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  # What was compiled in another checkout counts here, too: paths below the
  # sources are made relative, and the working directory is left out. The
  # sloppiness is what lets ccache work beside a precompiled header.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env
    CCACHE_BASEDIR=${PROJECT_SOURCE_DIR} CCACHE_NOHASHDIR=true
    CCACHE_ABSSTDERR=true CCACHE_SLOPPINESS=pch_defines,time_macros
    ${GREENROOM_CCACHE})
endif()
