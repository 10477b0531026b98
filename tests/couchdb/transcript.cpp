#include "tests/couchdb/transcript.hpp"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <numeric>
#include <optional>
#include <stdexcept>

namespace feedcast::test {

namespace {

using sort = recorded_piece::sort;

std::size_t number(std::string_view digits) {
  std::size_t n = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), n);
  return n;
}

/// The parts of a line, of which each `*` of the pattern stands for one; nullopt if it does not
/// fit. A `*` reaches to the next character of the pattern.
std::optional<std::vector<std::string>> parts_of(std::string_view line, std::string_view pattern) {
  std::vector<std::string> parts;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] != '*') {
      if (!line.starts_with(pattern[i]))
        return std::nullopt;
      line.remove_prefix(1);
      continue;
    }
    const auto end = i + 1 < pattern.size() ? line.find(pattern[i + 1]) : line.size();
    if (end == line.npos)
      return std::nullopt;
    parts.emplace_back(line.substr(0, end));
    line.remove_prefix(end);
  }
  return line.empty() ? std::optional{parts} : std::nullopt;
}

constexpr const char* heading = "######## [*] *";
constexpr const char* asked = ">>> +*.* * client->server * bytes";
constexpr const char* answered = "<<< +*.* * server->client * bytes";
constexpr const char* closing = "--- +*.* * *";
/// Stands for bytes of a piece.
constexpr const char* gap = "[... * bytes not shown here, see raw/ ...]";
/// Stands for whole pieces.
constexpr const char* many = "[... * reads, * bytes not shown here, see raw/ ...]";

class parser {
 public:
  parser(std::string_view file, std::string name) : rest_(file), name_(std::move(name)) {}

  std::map<int, exchange> run() {
    while (!rest_.empty()) {
      const auto line = take_line();
      if (const auto h = parts_of(line, heading)) {
        current_ = &exchanges_[static_cast<int>(number(h->at(0)))];
        current_->name = name_ + "#" + h->at(0);
        current_->title = h->at(1);
      } else if (const auto q = parts_of(line, asked)) {
        take_bytes(add(sort::request, *q), number(q->at(3)));
      } else if (const auto a = parts_of(line, answered)) {
        take_bytes(add(sort::answer, *a), number(a->at(3)));
      } else if (const auto g = parts_of(line, many)) {
        if (current_ == nullptr || current_->pieces.empty())
          fail(line);
        current_->pieces.back().left_out += number(g->at(1));
      } else if (const auto c = parts_of(line, closing)) {
        close(*c);
      } else if (!line.empty()) {
        remark(line);
      }
    }
    return std::move(exchanges_);
  }

 private:
  [[noreturn]] void fail(std::string_view line) const {
    throw std::runtime_error("transcript " + name_ + ": not expected: " + std::string{line});
  }

  std::string_view take_line() {
    const auto end = std::min(rest_.find('\n'), rest_.size());
    const auto line = rest_.substr(0, end);
    rest_.remove_prefix(std::min(end + 1, rest_.size()));
    return line;
  }

  /// `parts`: seconds, thousandths, connection.
  recorded_piece& add(sort what, const std::vector<std::string>& parts) {
    if (current_ == nullptr)
      fail("bytes before the first heading");
    const auto at =
        std::chrono::seconds{number(parts[0])} + std::chrono::milliseconds{number(parts[1])};
    return current_->pieces.emplace_back(recorded_piece{what, at, parts[2], {}, 0});
  }

  void close(const std::vector<std::string>& parts) {
    const auto& how = parts[3];
    if (how.starts_with("client closed"))
      add(sort::client_closed, parts);
    else if (how.starts_with("server closed"))
      add(sort::server_closed, parts);
    else if (how.starts_with("server RESET"))
      add(sort::server_reset, parts);
    else if (!how.starts_with("connect to server failed"))
      fail(how);
  }

  /// The next bytes, `size` of them or what the file has of them; behind them a line end follows,
  /// unless they end with one.
  void take_bytes(recorded_piece& into, std::size_t size) {
    const auto look = rest_.substr(0, size);
    const auto before = look.find("\n[... "); // a gap of this piece, or of one behind it
    const auto line = before == look.npos
                          ? std::string_view{}
                          : rest_.substr(before + 1, rest_.find('\n', before + 1) - before - 1);
    if (const auto g = parts_of(line, gap);
        g && look.substr(0, before).find("\n<<< +") == look.npos) {
      into.left_out = number(g->at(0));
      into.bytes = look.substr(0, before);
      rest_.remove_prefix(before + 1 + line.size() + 1);
      size -= into.left_out + before;
    }
    if (rest_.size() < size)
      fail("the file ends within a piece");
    into.bytes += rest_.substr(0, size);
    rest_.remove_prefix(size);
    if (!into.bytes.ends_with('\n') && rest_.starts_with('\n'))
      rest_.remove_prefix(1);
  }

  void remark(std::string_view line) {
    if (line.starts_with("# curl ")) {
      if (current_ != nullptr && current_->command.empty())
        current_->command = line.substr(2);
    } else if (line.starts_with("# ") || line.starts_with("--- curl exit")) {
      if (current_ != nullptr)
        current_->notes.emplace_back(line);
    } else {
      fail(line);
    }
  }

  std::string_view rest_;
  std::string name_;
  std::map<int, exchange> exchanges_;
  exchange* current_ = nullptr;
};

struct library {
  std::map<std::string, std::map<int, exchange>> files;

  library() {
    for (const auto& entry : std::filesystem::directory_iterator{COUCHDB_TRANSCRIPTS}) {
      if (entry.path().extension() != ".http")
        continue;
      std::ifstream in{entry.path(), std::ios::binary};
      const std::string text{std::istreambuf_iterator<char>{in}, {}};
      const auto file = entry.path().filename().string();
      const auto name = file.substr(0, file.find('-'));
      files[name] = parse_transcript(text, name);
    }
  }
};

const library& shelf() {
  static const library read;
  return read;
}

} // namespace

bool exchange::whole() const noexcept {
  return std::ranges::all_of(pieces, [](const auto& p) { return p.left_out == 0; });
}

std::vector<std::string> exchange::answer(std::size_t request, std::string connection) const {
  std::vector<std::string> found;
  std::size_t requests = 0;
  for (const recorded_piece& p : pieces) {
    if (connection.empty())
      connection = p.connection;
    if (p.connection != connection)
      continue;
    if (p.what == sort::request)
      ++requests;
    if (p.what != sort::answer || requests != request + 1)
      continue;
    if (p.left_out != 0)
      throw std::runtime_error(name + " is not whole");
    found.push_back(p.bytes);
  }
  if (found.empty())
    throw std::runtime_error(name + " has no such answer");
  return found;
}

std::vector<std::string> exchange::requests() const {
  std::vector<std::string> all;
  for (const recorded_piece& p : pieces)
    if (p.what == sort::request)
      all.push_back(p.bytes);
  return all;
}

bool exchange::closed_by_server() const noexcept {
  const auto first =
      std::ranges::find_if(pieces, [](const auto& p) { return p.what > sort::answer; });
  return first != pieces.end() && first->what == sort::server_closed;
}

bool exchange::reset_by_server() const noexcept {
  return std::ranges::any_of(pieces, [](const auto& p) { return p.what == sort::server_reset; });
}

std::map<int, exchange> parse_transcript(std::string_view file, const std::string& name) {
  return parser{file, name}.run();
}

const exchange& recorded(const std::string& name) {
  const auto hash = name.find('#');
  const auto file = shelf().files.find(name.substr(0, hash));
  if (hash != name.npos && file != shelf().files.end()) {
    const auto found =
        file->second.find(static_cast<int>(number(std::string_view{name}.substr(hash + 1))));
    if (found != file->second.end())
      return found->second;
  }
  throw std::runtime_error("there is no exchange " + name);
}

std::vector<std::string> transcript_names() {
  std::vector<std::string> names;
  for (const auto& [name, exchanges] : shelf().files)
    names.push_back(name);
  return names;
}

std::vector<const exchange*> all_exchanges() {
  std::vector<const exchange*> all;
  for (const auto& [name, exchanges] : shelf().files)
    for (const auto& [n, e] : exchanges)
      all.push_back(&e);
  return all;
}

std::string body_of(const std::vector<std::string>& answer) {
  const auto bytes = std::accumulate(answer.begin(), answer.end(), std::string{});
  const auto head = bytes.find("\r\n\r\n");
  if (head == bytes.npos)
    return {};
  std::string_view rest{bytes};
  rest.remove_prefix(head + 4);
  if (bytes.find("Transfer-Encoding: chunked") > head)
    return std::string{rest};
  std::string body;
  for (;;) {
    std::size_t size = 0;
    const auto [end, bad] = std::from_chars(rest.data(), rest.data() + rest.size(), size, 16);
    const auto digits = static_cast<std::size_t>(end - rest.data());
    if (bad != std::errc{} || size == 0 || rest.substr(digits, 2) != "\r\n")
      return body;
    rest.remove_prefix(digits + 2);
    body += rest.substr(0, size);
    if (rest.size() < size + 2)
      return body;
    rest.remove_prefix(size + 2);
  }
}

} // namespace feedcast::test
