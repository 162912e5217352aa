# Links with lld where it is installed: after a change in the library a hundred
# programs are linked again. Release programs keep the compiler's own linker; a
# cross compiler of Debian's finds no other.

find_program(GREENROOM_LLD ld.lld)
mark_as_advanced(GREENROOM_LLD)

if(GREENROOM_LLD AND NOT CMAKE_CROSSCOMPILING)
  add_link_options($<$<CONFIG:Debug>:-fuse-ld=lld>)
endif()
