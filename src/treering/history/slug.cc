// SPDX-License-Identifier: Apache-2.0
// File names from messages. Latin letters lose their accents by a table made from Unicode's decompositions; what is a
// letter in other scripts is decided by ranges: names stay readable to who wrote the message, and symbols, emoji and
// punctuation become "_".
#include <algorithm>
#include <array>

#include "treering/base/quote.h"
#include "treering/base/utf8.h"
#include "treering/history/revision_file.h"

namespace treering {
namespace {

// One base letter per code point; "_" where there is none.
constexpr char32_t kLatinFirst = 0xC0;  // up to 0x24F
constexpr std::string_view kLatin =
    "aaaaaa_ceeeeiiiidnooooo_ouuuuy__aaaaaa_ceeeeiiiidnooooo_ouuuuy_yaaaaaaccccccccdd"
    "ddeeeeeeeeeegggggggghhhhiiiiiiiiii__jjkkkllllll__llnnnnnn_nnoooooo__rrrrrrssssss"
    "ssttttttuuuuuuuuuuuuwwyyyzzzzzzs________________________________oo_____________u"
    "u____________________________aaiioouuuuuuuuuu_aaaa____ggkkoooo__j___gg__nnaa____"
    "aaaaeeeeiiiioooorrrruuuusstt__hh______aaeeooooooooyy____________________________";
constexpr char32_t kLatinAdditionalFirst = 0x1E00;  // up to 0x1EFF
constexpr std::string_view kLatinAdditional =
    "aabbbbbbccddddddddddeeeeeeeeeeffgghhhhhhhhhhiiiikkkkkkllllllllmmmmmmnnnnnnnnoooo"
    "oooopppprrrrrrrrssssssssssttttttttuuuuuuuuuuvvvvwwwwwwwwwwxxxxyyzzzzzzhtwy_s____"
    "aaaaaaaaaaaaaaaaaaaaaaaaeeeeeeeeeeeeeeeeiiiioooooooooooooooooooooooouuuuuuuuuuuu"
    "uuyyyyyyyy______";

struct Ligature {
  char32_t point;
  std::string_view letters;
};
constexpr std::array<Ligature, 11> kLigatures{{{0xC6, "ae"},
                                               {0xE6, "ae"},
                                               {0xDE, "th"},
                                               {0xFE, "th"},
                                               {0xDF, "ss"},
                                               {0x1E9E, "ss"},
                                               {0x132, "ij"},
                                               {0x133, "ij"},
                                               {0x152, "oe"},
                                               {0x153, "oe"},
                                               {0x149, "n"}}};

struct Range {
  char32_t first, last;
};
// Past ASCII: no letters, digits or marks that a script's words need.
constexpr std::array<Range, 26> kNotLetters{
    {{0x80, 0xA9},     {0xAB, 0xB4},      {0xB6, 0xB9},     {0xBB, 0xBF},     {0xD7, 0xD7},     {0xF7, 0xF7},
     {0x37E, 0x37E},   {0x387, 0x387},    {0x55A, 0x55F},   {0x589, 0x58F},   {0x5BE, 0x5BE},   {0x600, 0x60F},
     {0x61B, 0x61F},   {0x66A, 0x66D},    {0x6D4, 0x6D4},   {0x964, 0x965},   {0xE3F, 0xE3F},   {0x2000, 0x2BFF},
     {0x2E00, 0x3004}, {0x3008, 0x3030},  {0x303D, 0x3040}, {0x30FB, 0x30FB}, {0xD800, 0xF8FF}, {0xFE00, 0xFE6F},
     {0xFFE0, 0xFFFF}, {0x1F000, 0x1FAFF}}};

bool is_in(char32_t c, const Range& range) { return c >= range.first && c <= range.last; }

bool is_letter(char32_t c) {
  if (c >= 0xE0000) return false;  // tags, variation selectors, private use
  return std::none_of(kNotLetters.begin(), kNotLetters.end(), [&](const Range& range) { return is_in(c, range); });
}

bool is_combining_accent(char32_t c) { return c >= 0x300 && c <= 0x36F; }

// Full-width forms of ASCII are what an input method made of it.
char32_t narrow(char32_t c) { return c >= 0xFF01 && c <= 0xFF5E ? c - 0xFEE0 : c; }

char32_t lower(char32_t c) {
  if ((c >= 'A' && c <= 'Z') || (c >= 0x391 && c <= 0x3A9) || (c >= 0x410 && c <= 0x42F)) return c + 0x20;
  if (c >= 0x400 && c <= 0x40F) return c + 0x50;
  return c;
}

// What one character becomes: letters, or "" where it separates words.
std::string slug_letters(char32_t c) {
  c = lower(narrow(c));
  if (c < 0x80) return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ? std::string(1, static_cast<char>(c)) : "";
  for (const Ligature& ligature : kLigatures)
    if (ligature.point == c) return std::string(ligature.letters);
  char base = '_';
  if (c >= kLatinFirst && c < kLatinFirst + kLatin.size()) base = kLatin[c - kLatinFirst];
  if (c >= kLatinAdditionalFirst && c < kLatinAdditionalFirst + kLatinAdditional.size())
    base = kLatinAdditional[c - kLatinAdditionalFirst];
  if (base != '_') return std::string(1, base);
  std::string letters;
  if (is_letter(c) && !is_hidden(c)) append_utf8(letters, c);
  return letters;
}

std::size_t character_count(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

// Cut at the last whole word that fits; a first word that doesn't fit is cut itself.
std::string shortened(std::string slug, std::size_t limit) {
  if (character_count(slug) <= limit) return slug;
  std::size_t end = 0;
  for (std::size_t i = 0; i < limit; ++i) end += decode_utf8(slug, end).size;
  const bool at_word_end = slug[end] == '_';
  slug.resize(end);
  if (const auto word_end = slug.rfind('_'); !at_word_end && word_end != std::string::npos) slug.resize(word_end);
  return slug;
}

}  // namespace

std::string slug_of(std::string_view message, std::size_t limit) {
  std::string slug;
  bool separated = false;
  // The rest of a very long message can't show in the slug.
  for (std::size_t pos = 0; pos < message.size() && slug.size() <= 8 * limit;) {
    const CodePoint point = decode_utf8(message, pos);
    pos += point.size;
    if (is_combining_accent(point.value)) continue;
    const std::string letters = slug_letters(point.value);
    if (!letters.empty() && separated && !slug.empty()) slug.push_back('_');
    separated = letters.empty();
    slug += letters;
  }
  slug = shortened(std::move(slug), limit);
  return slug.empty() ? "revision" : slug;
}

std::string file_name_of(std::string_view id, std::string_view message) {
  return std::string(id) + "_" + slug_of(message) + ".py";
}

bool name_agrees(std::string_view file_name, std::string_view id) {
  if (!file_name.starts_with(id) || !file_name.ends_with(".py") || id.empty()) return false;
  const std::string_view rest = file_name.substr(id.size());
  return rest == ".py" || rest.starts_with('_');
}

}  // namespace treering
