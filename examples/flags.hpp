// The command line of a demo.
//
//   if (!read_flags(argc, argv, flags)) return 0;  // --help
//
// A wrong flag throws BadFlag, also where a demo itself finds it; main() then
// returns refuse(), which is exit code 2.
#pragma once

#include <boost/program_options.hpp>

#include <iostream>
#include <stdexcept>
#include <string_view>

class BadFlag : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// False: the help was asked for, and is printed. Throws BadFlag.
inline bool read_flags(int argc, char** argv,
                       boost::program_options::options_description& flags) try {
  namespace options = boost::program_options;
  flags.add_options()("help", "say this and end");
  options::variables_map given;
  options::store(options::command_line_parser(argc, argv)
                     .options(flags)
                     .positional({})
                     .run(),
                 given);
  options::notify(given);
  if (given.count("help") == 0) return true;
  std::cout << flags;
  return false;
} catch (const boost::program_options::error& error) {
  throw BadFlag(error.what());
}

inline int refuse(std::string_view program, const BadFlag& flag) {
  std::cerr << program << ": " << flag.what() << " (see --help)\n";
  return 2;
}
