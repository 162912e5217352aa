#include "slab.hpp"

#include "door.hpp"

#include <sys/mman.h>

#include <memory>
#include <new>

namespace greenroom::detail {
namespace {

// So many regions are mapped before large pages are asked for.
constexpr std::size_t kSmallRegions = 4;

PerHub<Slab>& slabs() {
  static auto* all = new PerHub<Slab>;  // cells may outlive static destruction
  return *all;
}

}  // namespace

thread_local constinit Slab* Slab::mine_ = nullptr;

// A chain of free cells on its way home.
class Slab::Parcel final : public Posted {
 public:
  Parcel(Slab& home, std::size_t cls) : home_(home), cls_(cls) {}

  void arrive() noexcept override {
    Slab& home = home_;
    const std::size_t cls = cls_;
    auto* rest = static_cast<Cell*>(rest_);
    this->~Parcel();
    auto* first = new (this) Cell{rest};
    Cell* last = first;
    while (last->next != nullptr) last = last->next;
    last->next = home.free_[cls];
    home.free_[cls] = first;
  }

  void set_rest(Cell* rest) noexcept { rest_ = rest; }

 private:
  Slab& home_;
  std::size_t cls_;
  Cell* rest_ = nullptr;
};

void Slab::adopt(HubId id) { mine_ = &slabs().get_or_make(id); }

void Slab::disown() noexcept {
  mine_->send_home();
  mine_ = nullptr;
}

void* Slab::refill(std::size_t cls) {
  const std::size_t size = (cls + 1) * kGranule;
  char* chunk = new_chunk();
  *reinterpret_cast<Slab**>(chunk) = this;

  // The first cache line holds the owner; cells are chained in address order.
  Cell* head = nullptr;
  constexpr std::size_t header = 64;
  const std::size_t count = (kChunk - header) / size;
  for (std::size_t i = count; i-- > 1;)
    head = new (chunk + header + i * size) Cell{head};
  free_[cls] = head;
  return chunk + header;
}

char* Slab::new_chunk() {
  if (region_left_ == 0) {
    // Map twice the size, so that it contains an aligned region; give back the
    // rest.
    void* mapped = mmap(nullptr, 2 * kRegion, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (mapped == MAP_FAILED) throw std::bad_alloc();
    auto* begin = static_cast<char*>(mapped);
    const auto misfit = reinterpret_cast<std::uintptr_t>(begin) % kRegion;
    const std::size_t before = misfit == 0 ? 0 : kRegion - misfit;
    if (before != 0) munmap(begin, before);
    if (before != kRegion) munmap(begin + before + kRegion, kRegion - before);
    region_ = begin + before;
    region_left_ = kRegion;
    // A program that needs many cells is faster with large pages; a small one
    // should not pay for memory that it does not touch.
    if (++regions_ > kSmallRegions) madvise(region_, kRegion, MADV_HUGEPAGE);
  }
  char* chunk = region_;
  region_ += kChunk;
  region_left_ -= kChunk;
  return chunk;
}

void Slab::collect(void* memory, std::size_t size) noexcept {
  Slab& home = *home_of(memory);
  if (homebound_.size() <= home.home_) homebound_.resize(home.home_ + 1U);
  auto*& classes = homebound_[home.home_];
  if (classes == nullptr) classes = new std::array<Homebound, kClasses>{};

  Homebound& homebound = (*classes)[class_of(size)];
  homebound.first = new (memory) Cell{homebound.first};
  if (++homebound.count == kBatch) {
    post(home, class_of(size), homebound.first);
    homebound = {};
  }
}

void Slab::send_home() noexcept {
  for (std::size_t id = 0; id < homebound_.size(); ++id) {
    if (homebound_[id] == nullptr) continue;
    for (std::size_t cls = 0; cls < kClasses; ++cls) {
      Homebound& homebound = (*homebound_[id])[cls];
      if (homebound.first == nullptr) continue;
      post(*slabs().find(static_cast<HubId>(id)), cls, homebound.first);
      homebound = {};
    }
  }
}

void Slab::release_foreign(void* memory, std::size_t size) noexcept {
#if !defined(GREENROOM_ASAN)
  if (size <= kLargestCell) {
    post(*home_of(memory), class_of(size), new (memory) Cell{nullptr});
    return;
  }
#endif
  ::operator delete(memory);
}

void Slab::post(Slab& home, std::size_t cls, Cell* first) noexcept {
  Cell* rest = first->next;
  auto* parcel = new (first) Parcel(home, cls);
  parcel->set_rest(rest);
  Door::of(home.home_).post_quietly(*parcel);
}

}  // namespace greenroom::detail
