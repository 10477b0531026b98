#pragma once

#include "emulator/call.hpp"
#include "http/server.hpp"

/// One function per request: it reads the call, asks the store and answers. None blocks or keeps
/// anything. Paths: reference of the service, sections "databases", "containers", "documents".
namespace feedcast::emulator::routes {

// account_routes.cpp
http::server_response read_account(const call& c);

// offer_routes.cpp
http::server_response list_offers(const call& c);
http::server_response query_offers(const call& c);
http::server_response read_offer(const call& c);
http::server_response replace_offer(const call& c);

// database_routes.cpp
http::server_response list_databases(const call& c);
http::server_response create_or_query_databases(const call& c);
http::server_response read_database(const call& c);
http::server_response drop_database(const call& c);

// container_routes.cpp
http::server_response list_containers(const call& c);
http::server_response create_or_query_containers(const call& c);
http::server_response read_container(const call& c);
http::server_response replace_container(const call& c);
http::server_response drop_container(const call& c);
http::server_response list_ranges(const call& c);

// document_routes.cpp
http::server_response create_document(const call& c);
http::server_response upsert_document(const call& c);
http::server_response read_document(const call& c);
http::server_response replace_document(const call& c);
http::server_response remove_document(const call& c);

// feed_routes.cpp
http::server_response read_feed(const call& c);

// query_routes.cpp
http::server_response list_documents(const call& c);
http::server_response query_documents(const call& c);
http::server_response plan_query(const call& c);

// control_routes.cpp: the emulator's own, under /_emulator, without authentication: see
// control_table
http::server_response list_controls(const call& c);
http::server_response add_fault(const call& c);
http::server_response list_faults(const call& c);
http::server_response clear_faults(const call& c);
http::server_response remove_fault(const call& c);
http::server_response order_container(const call& c);
http::server_response append_raw(const call& c);
http::server_response split_range(const call& c);
http::server_response merge_ranges(const call& c);
http::server_response read_statistics(const call& c);

// throughput_routes.cpp
http::server_response limit_throughput(const call& c);
http::server_response read_throughput(const call& c);

// region_routes.cpp
http::server_response read_regions(const call& c);
http::server_response change_account(const call& c);
http::server_response change_region(const call& c);
http::server_response fail_over(const call& c);

} // namespace feedcast::emulator::routes
