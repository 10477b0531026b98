# Finds the core library of the C++ Actor Framework 0.17 (Debian ships headers and libraries but no CMake package).
#
# Result: target CAF::core, variables CAF_FOUND and CAF_VERSION.
# Input:  CAF_CORE_FROM_SOURCE=<source tree of 0.17.6> compiles the core with this project's flags instead, which
#         ThreadSanitizer needs (an uninstrumented CAF hides its synchronisation from it).
include(FindPackageHandleStandardArgs)

if(CAF_CORE_FROM_SOURCE)
  set(_caf_hints NO_DEFAULT_PATH PATHS "${CAF_CORE_FROM_SOURCE}/libcaf_core")
endif()
find_path(CAF_INCLUDE_DIR caf/config.hpp ${_caf_hints})
if(CAF_CORE_FROM_SOURCE)
  set(CAF_CORE_LIBRARY "${CAF_CORE_FROM_SOURCE}")
else()
  find_library(CAF_CORE_LIBRARY caf_core)
endif()
mark_as_advanced(CAF_INCLUDE_DIR CAF_CORE_LIBRARY)

if(CAF_INCLUDE_DIR)
  # "#define CAF_VERSION 1706" means 0.17.6.
  file(STRINGS "${CAF_INCLUDE_DIR}/caf/config.hpp" _caf_line REGEX "^#define CAF_VERSION ")
  string(REGEX MATCH "[0-9]+" _caf_number "${_caf_line}")
  math(EXPR _caf_major "${_caf_number} / 10000")
  math(EXPR _caf_minor "${_caf_number} / 100 % 100")
  math(EXPR _caf_patch "${_caf_number} % 100")
  set(CAF_VERSION "${_caf_major}.${_caf_minor}.${_caf_patch}")
endif()

find_package_handle_standard_args(CAF REQUIRED_VARS CAF_CORE_LIBRARY CAF_INCLUDE_DIR VERSION_VAR CAF_VERSION)

if(CAF_FOUND AND NOT TARGET CAF::core)
  find_package(Threads REQUIRED)
  if(CAF_CORE_FROM_SOURCE)
    file(GLOB_RECURSE _caf_sources "${CAF_CORE_FROM_SOURCE}/libcaf_core/src/*.cpp")
    add_library(caf_core_from_source STATIC EXCLUDE_FROM_ALL ${_caf_sources})
    target_compile_options(caf_core_from_source PRIVATE -w)
    target_include_directories(caf_core_from_source SYSTEM PUBLIC "${CAF_INCLUDE_DIR}")
    target_link_libraries(caf_core_from_source PUBLIC Threads::Threads)
    add_library(CAF::core ALIAS caf_core_from_source)
  else()
    add_library(CAF::core UNKNOWN IMPORTED)
    set_target_properties(CAF::core PROPERTIES
      IMPORTED_LOCATION "${CAF_CORE_LIBRARY}"
      INTERFACE_INCLUDE_DIRECTORIES "${CAF_INCLUDE_DIR}"
      INTERFACE_LINK_LIBRARIES Threads::Threads)
  endif()
endif()
