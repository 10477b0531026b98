// Debian ships Boost.JSON's headers without a library of it here, so it is compiled once, in this
// file. Nothing else may stand in it: the linker takes this object only if no other one brought the
// same definitions.
#include <boost/json/src.hpp>
