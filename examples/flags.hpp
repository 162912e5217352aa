// The command line of a demo.
//
//   if (!read_flags(argc, argv, flags)) return 0;  // --help, --version
//
// A wrong flag throws BadFlag, also where a demo itself finds it; main() then
// returns refuse(), which is exit code 2.
#pragma once

#include <greenroom/runtime/core/version.hpp>

#include <boost/program_options.hpp>

#include <iostream>
#include <stdexcept>
#include <string_view>

class BadFlag : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// False: the help or the version was asked for, and is printed. Throws BadFlag.
inline bool read_flags(int argc, char** argv,
                       boost::program_options::options_description& flags) try {
  namespace options = boost::program_options;
  flags.add_options()("help", "say this and end")(
      "version", "say which greenroom this is, and end");
  options::variables_map given;
  options::store(options::command_line_parser(argc, argv)
                     .options(flags)
                     .positional({})
                     .run(),
                 given);
  options::notify(given);
  if (given.count("help") != 0)
    std::cout << flags;
  else if (given.count("version") != 0)
    std::cout << "greenroom " << greenroom::version() << '\n';
  else
    return true;
  return false;
} catch (const boost::program_options::error& error) {
  throw BadFlag(error.what());
}

inline int refuse(std::string_view program, const BadFlag& flag) {
  std::cerr << program << ": " << flag.what() << " (see --help)\n";
  return 2;
}
