// A Kafka cluster for tests in other processes: librdkafka's mock. Prints its bootstrap servers,
// then obeys standard input: "down", "up", one word a line, each answered by the same word; end of
// input ends it. Usage: mock_kafka [brokers] [topic:partitions]...
#include "sinks/kafka/mock_cluster.hpp"

#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <string>

int main(int argc, char** argv) {
  feedcast::kafka::mock_cluster cluster{argc > 1 ? std::atoi(argv[1]) : 1};
  for (int i = 2; i < argc; ++i) {
    const std::string spec = argv[i];
    const auto colon = spec.find(':');
    cluster.create_topic(spec.substr(0, colon),
                         colon == std::string::npos ? 1 : std::atoi(spec.c_str() + colon + 1));
  }
  std::cout << cluster.bootstrap() << std::endl;
  for (std::string word; std::getline(std::cin, word);) {
    if (word == "down")
      cluster.set_down();
    else if (word == "up")
      cluster.set_up();
    std::cout << word << std::endl;
  }
  return 0;
}
