// SPDX-License-Identifier: Apache-2.0
// What the planned writes of a dry run would have changed in a collection by now, as far as a later filter could tell:
// the server, which is asked how many documents that filter means, doesn't know of them. Pure.
#pragma once

#include <set>
#include <string>

#include "treering/base/document.h"

namespace treering {

class ChangedDocuments {
 public:
  // Documents that the filter means would be gone.
  void note_removed(const Document& filter);
  // There would be a new one. `document` has its _id, if anybody knows it.
  void note_inserted(const Document& document);
  // Documents that the filter means would be changed by that update: a document with operators, a whole document, or a
  // pipeline (an array).
  void note_updated(const Document& filter, const Field& update);
  // Nobody knows what.
  void note_anything() { unknown_ids_ = true; }

  bool empty() const { return !unknown_ids_ && ids_.empty() && !changed_.all && changed_.names.empty(); }
  // Whether the filter may mean other documents than the server says.
  bool may_concern(const Document& filter) const;

 private:
  struct Fields {
    bool all = false;  // but _id, which no update changes
    std::set<std::string> names;
    void add(const Field& update);
    bool meets(const Document& filter) const;
  };
  bool unknown_ids_ = false;           // documents came or went, and nobody knows which
  std::set<std::string> ids_;          // of those that came or went otherwise
  Fields changed_;                     // of any document
  Fields changed_without_id_;          // of documents that were not looked for by their _id
  std::set<std::string> changed_ids_;  // _ids of the others
};

}  // namespace treering
