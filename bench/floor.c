// SPDX-License-Identifier: Apache-2.0
// The floor of `treering current`: connects with libmongoc, reads the state document, and that is all.
//   floor URL DATABASE
#include <mongoc/mongoc.h>
#include <stdio.h>

int main(int argc, char** argv) {
  if (argc != 3) {
    fprintf(stderr, "usage: floor URL DATABASE\n");
    return 2;
  }
  mongoc_init();
  bson_error_t error;
  mongoc_uri_t* uri = mongoc_uri_new_with_error(argv[1], &error);
  if (uri == NULL) {
    fprintf(stderr, "floor: %s\n", error.message);
    return 2;
  }
  mongoc_client_t* client = mongoc_client_new_from_uri(uri);
  mongoc_collection_t* collection = mongoc_client_get_collection(client, argv[2], "treering_state");
  bson_t* filter = BCON_NEW("_id", BCON_UTF8("state"));
  bson_t* options = BCON_NEW("limit", BCON_INT64(1), "singleBatch", BCON_BOOL(true));
  mongoc_cursor_t* cursor = mongoc_collection_find_with_opts(collection, filter, options, NULL);
  const bson_t* document = NULL;
  if (!mongoc_cursor_next(cursor, &document)) {
    fprintf(stderr, "floor: %s\n", mongoc_cursor_error(cursor, &error) ? error.message : "no state document");
    return 1;
  }
  printf("%u bytes\n", document->len);
  mongoc_cursor_destroy(cursor);
  bson_destroy(options);
  bson_destroy(filter);
  mongoc_collection_destroy(collection);
  mongoc_client_destroy(client);
  mongoc_uri_destroy(uri);
  mongoc_cleanup();
  return 0;
}
