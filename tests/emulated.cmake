# Tests of a build for another processor, under an emulator: ./dev aarch64.
#
# Each program is one ctest, not each of its cases: qemu-user takes longer to
# start than most cases take to run. To run one case:
#
#   qemu-aarch64 -L build/aarch64/sysroot \
#     build/aarch64/tests/runtime/core/greenroom_core_tests "<its name>"

# The programs, and what else the tests need.
add_custom_target(emulated)

# greenroom_not_emulated(<why> <file or folder> [<case>]): what is not run there.
# It shows up in the list of tests as one that was not run.
function(greenroom_not_emulated why place)
  set(path ${PROJECT_SOURCE_DIR}/${place})
  set(case "${ARGN}")
  if(NOT EXISTS ${path})
    message(SEND_ERROR "There is no ${path}.")
  elseif(case)
    file(READ ${path} text)
    string(FIND "${text}" "TEST_CASE(\"${case}\"" found)
    if(found EQUAL -1)
      message(SEND_ERROR "There is no case \"${case}\" in ${path}.")
    endif()
    string(REPLACE "," "\\," pattern "${case}")  # a comma means "or" to Catch2
    set_property(GLOBAL APPEND_STRING PROPERTY GREENROOM_NOT_EMULATED
      "~\"${pattern}\"")
    set(place "${place}: ${case}")
  endif()
  set(name "not emulated: ${place} (${why})")
  add_test(NAME "${name}" COMMAND ${CMAKE_COMMAND} -E true)
  set_tests_properties("${name}" PROPERTIES DISABLED TRUE)
endfunction()

greenroom_not_emulated("qemu-user 7.2 ends a child of fork that makes a thread"
  tests/runtime/inspect/watchdog_test.cpp
  "watchdog: survives fork(), and watches the child")
foreach(case IN ITEMS "runs in cwd, names a cwd that does not exist"
    "a session or a process group of its own")
  greenroom_not_emulated("qemu-user does not wait for what posix_spawn() does in the child"
    tests/runtime/net/process/subprocess_test.cpp "subprocess: ${case}")
endforeach()
greenroom_not_emulated("the same rooms once more, as gevent tests them"
  tests/conformance)
greenroom_not_emulated("about CMake" tests/consumer)
greenroom_not_emulated("about what the compiler says"
  tests/actors/does_not_receive.cpp)
greenroom_not_emulated("strace would count the system calls of qemu"
  tests/actors/steady_state_test.cpp)
greenroom_not_emulated("one is enough: ping_pong" examples)

# greenroom_emulated_test(<target>): a ctest of all other cases of this program,
# but for the hidden ones, as everywhere.
function(greenroom_emulated_test target)
  get_property(left_out GLOBAL PROPERTY GREENROOM_NOT_EMULATED)
  add_test(NAME ${target} COMMAND ${target} "${left_out}~[.]")
  set_tests_properties(${target} PROPERTIES TIMEOUT 300)
  add_dependencies(emulated ${target})
endfunction()
