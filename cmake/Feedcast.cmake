# The few helpers that every folder's CMakeLists.txt uses.

# What all our own targets are compiled with. Third-party headers are SYSTEM and never warn.
add_library(feedcast_flags INTERFACE)
target_compile_features(feedcast_flags INTERFACE cxx_std_20)
target_include_directories(feedcast_flags INTERFACE "${PROJECT_SOURCE_DIR}")
target_compile_options(feedcast_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wnon-virtual-dtor -Wold-style-cast -Woverloaded-virtual)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  # GCC bug 105651: `"literal" + std::string` is taken for an overlapping copy.
  target_compile_options(feedcast_flags INTERFACE -Wno-restrict)
endif()
if(FEEDCAST_WARNINGS_AS_ERRORS)
  target_compile_options(feedcast_flags INTERFACE -Werror)
endif()
if(FEEDCAST_SANITIZE)
  # Global on purpose: every object of a sanitized build must agree.
  add_compile_options(-fsanitize=${FEEDCAST_SANITIZE} -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${FEEDCAST_SANITIZE})
  if(FEEDCAST_SANITIZE MATCHES "undefined")
    add_compile_options(-fno-sanitize-recover=undefined)
    if(CMAKE_CXX_COMPILER_ID MATCHES "Clang")
      # clang 14 can't put what this check needs beside the parts of a coroutine.
      add_compile_options(-fno-sanitize=function)
    endif()
  endif()
  if(FEEDCAST_SANITIZE MATCHES "thread")
    set(FEEDCAST_SANITIZE_THREADS ON)
    if(NOT CAF_CORE_LIBRARY MATCHES "\\.a$")
      message(FATAL_ERROR "ThreadSanitizer needs a CAF that was built with it; scripts/tsan makes one and builds with it")
    endif()
    if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
      # Asio has fences, which GCC's ThreadSanitizer doesn't see; Asio takes care of that itself.
      add_compile_options(-Wno-tsan)
    endif()
  endif()
endif()

if(FEEDCAST_FUZZ)
  if(NOT CMAKE_CXX_COMPILER_ID MATCHES "Clang")
    message(FATAL_ERROR "libFuzzer is a part of clang; scripts/fuzz builds with it")
  endif()
  # Counts which way an input went; the main function comes with the fuzz targets only.
  add_compile_options(-fsanitize=fuzzer-no-link)
  add_link_options(-fsanitize=fuzzer-no-link)
endif()

# feedcast_add_library(NAME FILES a.cpp ... [DEPS targets...])
# One static library per folder: target feedcast_NAME, alias feedcast::NAME. Headers are listed beside their sources.
function(feedcast_add_library name)
  cmake_parse_arguments(arg "" "" "FILES;DEPS" ${ARGN})
  add_library(feedcast_${name} STATIC ${arg_FILES})
  add_library(feedcast::${name} ALIAS feedcast_${name})
  target_link_libraries(feedcast_${name} PUBLIC feedcast_flags ${arg_DEPS})
  feedcast_check_headers(${name} FILES ${arg_FILES} DEPS ${arg_DEPS})
endfunction()

# Every header must compile alone: one generated source per header, in a library built by the target `check_headers`.
function(feedcast_check_headers name)
  cmake_parse_arguments(arg "" "" "FILES;DEPS" ${ARGN})
  set(sources)
  foreach(file IN LISTS arg_FILES)
    if(file MATCHES "\\.hpp$")
      file(RELATIVE_PATH header "${PROJECT_SOURCE_DIR}" "${CMAKE_CURRENT_SOURCE_DIR}/${file}")
      string(MAKE_C_IDENTIFIER "${header}" unit)
      set(source "${CMAKE_CURRENT_BINARY_DIR}/headers/${unit}.cpp")
      file(CONFIGURE OUTPUT "${source}" CONTENT "#include \"${header}\"\n#include \"${header}\"\n")
      list(APPEND sources "${source}")
    endif()
  endforeach()
  if(sources)
    add_library(feedcast_${name}_headers OBJECT EXCLUDE_FROM_ALL ${sources})
    target_link_libraries(feedcast_${name}_headers PRIVATE feedcast_flags ${arg_DEPS})
    target_compile_definitions(feedcast_${name}_headers PRIVATE
      $<TARGET_PROPERTY:feedcast_${name},INTERFACE_COMPILE_DEFINITIONS>)
    if(NOT TARGET check_headers)
      add_custom_target(check_headers)
    endif()
    add_dependencies(check_headers feedcast_${name}_headers)
  endif()
endfunction()

# feedcast_add_test(NAME FILES x_test.cpp ... DEPS targets... LABELS unit ... [TIMEOUT seconds] [THREADED])
# One GoogleTest program; each of its tests is a ctest of its own. A build with ThreadSanitizer has the
# THREADED ones alone: there their only label is `tsan`, and the target `tsan_suites` builds them.
function(feedcast_add_test name)
  cmake_parse_arguments(arg "THREADED" "TIMEOUT" "FILES;DEPS;LABELS" ${ARGN})
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 120)
  endif()
  add_executable(${name} ${arg_FILES})
  target_link_libraries(${name} PRIVATE feedcast_flags ${arg_DEPS} GTest::gmock_main)
  if(FEEDCAST_SANITIZE_THREADS)
    if(NOT arg_THREADED)
      set_target_properties(${name} PROPERTIES EXCLUDE_FROM_ALL ON)
      return()
    endif()
    set(arg_LABELS tsan)
    if(NOT TARGET tsan_suites)
      add_custom_target(tsan_suites)
    endif()
    add_dependencies(tsan_suites ${name})
  endif()
  gtest_discover_tests(${name}
    DISCOVERY_MODE PRE_TEST
    PROPERTIES LABELS "${arg_LABELS}" TIMEOUT ${arg_TIMEOUT}
      # One variable only: a list would be taken apart on its way to ctest.
      ENVIRONMENT "${FEEDCAST_SANITIZER_OPTIONS}")
endfunction()
