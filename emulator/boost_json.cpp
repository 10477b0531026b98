// The compiled half of Boost.JSON, once in this library: Debian has no package for it.
#include <boost/json/src.hpp>
