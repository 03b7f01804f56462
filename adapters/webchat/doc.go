// Package webchat is the built-in chat: a page, a small HTTP API that scripts may use
// too, and an event stream. It is a platform like the others, so that whatever works in
// it works everywhere, and it needs nothing that is not in the binary.
//
// # Contract
//
// Conversations are channels, named by their ref ("payments"), and one direct
// conversation a person, with the ref "@account". Everybody who is signed in sees every
// channel; a direct conversation is its owner's alone, and to others it does not exist.
//
// A post is a row. Its id is the stream position at which it was made; its seq the
// position of its last change. Positions are drawn under the lock of one row, so whoever
// has read up to a position has missed nothing below it, whichever replica wrote it.
//
//	Send/Edit ──tx──▶ chat_posts, chat_head ──wake or poll──▶ hub ──cursor──▶ streams
//
// The hub reads each change once for all streams of its replica; a stream keeps a
// position and no buffer, so a slow reader costs nothing and is cut by its write
// deadline. A reader that comes back says where it was (Last-Event-ID) and reads on from
// there, from the hub if that still has it, else from the database.
//
// Cards are stored as the bot made them and rendered for each reader when they are read:
// times in the reader's zone, people by their name of today. What the page receives is
// plain text; it sets text and never markup.
//
// # How it fails
//
// A database that is away is a retryable error for Send and Edit, 503 for the API, and
// silence on streams: they go on where they were. A key (Message.Key) makes sending again
// harmless, also after a commit whose answer was lost. A browser that loses its
// connection says so at once, comes back by itself, and reads the open conversation again.
//
// # Decisions (2026-11-25)
//
//   - The page renders the API's JSON with a few hundred lines of script; there is one
//     rendering of a post and none on the server. Server-rendered fragments would have been
//     a second one that drifts.
//   - Answers to one person are not stored. Their ids carry the conversation, so that
//     their buttons work on every replica without a row nobody lists.
//   - In a channel, text is a command when it begins with "/" or "@watchbell"; anything
//     else is shown to the others. In the direct conversation everything is a command.
//   - Form ids carry the conversation and the post they came from, since the bot wants to
//     know both and the call that sends a form has no other place for them.
//   - Signing in ties the account named like the user to them, if they have none yet:
//     the link came to them, and without an account they could do nothing.
//   - Other replicas' posts are found by polling one row while somebody listens. LISTEN
//     would cost a connection a replica and save a quarter of a second.
//   - A post that was made and edited since a reader's position is one event "post", at
//     the place where it was made and with its last state; after a reconnection its edit
//     may be told once more, with the same rev.
package webchat
