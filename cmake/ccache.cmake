# Compiles through ccache where it is installed.

find_program(GREENROOM_CCACHE ccache)
mark_as_advanced(GREENROOM_CCACHE)

if(GREENROOM_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  # What was compiled in another checkout counts here, too: paths below the
  # sources are made relative, and the working directory is left out. The
  # sloppiness is what lets ccache work beside a precompiled header. Headers are
  # compared as they are (depend mode), not as the preprocessor leaves them: a
  # precompiled header knows the files it was made of to the letter, comments
  # too, and reads one that differs a second time.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env
    CCACHE_BASEDIR=${PROJECT_SOURCE_DIR} CCACHE_NOHASHDIR=true
    CCACHE_ABSSTDERR=true CCACHE_DEPEND=true
    CCACHE_SLOPPINESS=pch_defines,time_macros
    ${GREENROOM_CCACHE})
endif()
