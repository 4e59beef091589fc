/* Thousands of WebSockets that listen, in one thread, so that the load is not the limit.
 *
 *   sockets HOST PORT PATH COUNT STUCK AT_ONCE GREETED
 *
 * Opens COUNT sockets, AT_ONCE at a time, STUCK of which never read again, and prints {"open", "failed", "seconds"}.
 * Where the server greets (GREETED is 1), a socket is open once the greeting came: only from there on it hears.
 * Then, for each line
 * `wait DELIVERIES MILLISECONDS` on its input, reads until so many alerts have come or the time is over, and prints
 * {"deliveries", "first", "p50", "p99", "last"}: instants of CLOCK_MONOTONIC in nanoseconds. An alert is a text frame
 * of LARGE bytes or more; what is smaller (a greeting, a heartbeat) is read and not counted. Ends with its input.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { LARGE = 300, CHUNK = 1 << 16, MOST_EVENTS = 1024, HANDSHAKE_SECONDS = 120 };

enum state { CONNECTING, SHAKING, SHAKEN, OPEN, GONE };

struct connection {
    int fd;
    enum state state;
    uint64_t left;       /* bytes of the frame being read that are still to come */
    unsigned char head[14];
    int head_bytes;
    int counts;          /* the frame being read is an alert */
    char reply[512];     /* of the handshake, until it is whole */
    int reply_bytes;
};

static struct connection *all;
static int epoll, opened, failed, begun, count, stuck, at_once, greeted;
static struct sockaddr_in address;
static char request[1024];
static int64_t *instants;
static size_t deliveries, room;

static int64_t now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void lose(struct connection *c) {
    if (c->state != OPEN) failed++;
    c->state = GONE;
    close(c->fd);
}

static void begin_next(void) {
    struct connection *c = &all[begun++];
    c->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    int one = 1;
    setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (connect(c->fd, (struct sockaddr *)&address, sizeof address) < 0 && errno != EINPROGRESS) {
        lose(c);
        return;
    }
    struct epoll_event event = {.events = EPOLLIN | EPOLLOUT, .data.u32 = (uint32_t)(c - all)};
    epoll_ctl(epoll, EPOLL_CTL_ADD, c->fd, &event);
}

static void opens(struct connection *c) {
    c->state = OPEN;
    opened++;
    if (c - all < stuck) epoll_ctl(epoll, EPOLL_CTL_DEL, c->fd, NULL);
}

static void received(struct connection *c, int64_t at) {
    if (c->state == SHAKEN) opens(c);
    if (!c->counts) return;
    if (deliveries == room) {
        room = room ? room * 2 : 1 << 20;
        instants = realloc(instants, room * sizeof *instants);
        if (!instants) exit(3);
    }
    instants[deliveries++] = at;
}

/* The length of a frame's head once it is all there, else 0. Servers do not mask. */
static int head_length(const struct connection *c) {
    if (c->head_bytes < 2) return 0;
    int length = c->head[1] & 127, whole = length == 127 ? 10 : length == 126 ? 4 : 2;
    return c->head_bytes >= whole ? whole : 0;
}

static uint64_t payload_length(const struct connection *c) {
    uint64_t length = c->head[1] & 127;
    int bytes = length == 127 ? 8 : length == 126 ? 2 : 0;
    if (bytes) length = 0;
    for (int i = 0; i < bytes; i++) length = length << 8 | c->head[2 + i];
    return length;
}

static void read_frames(struct connection *c, const unsigned char *data, size_t size, int64_t at) {
    while (size) {
        if (c->left) {
            size_t taken = size < c->left ? size : c->left;
            c->left -= taken;
            data += taken;
            size -= taken;
            if (!c->left) received(c, at);
            continue;
        }
        c->head[c->head_bytes++] = *data++;
        size--;
        if (!head_length(c)) continue;
        int kind = c->head[0] & 15;
        c->left = payload_length(c);
        c->counts = kind == 1 && c->left >= LARGE;
        if (kind == 9) { /* a ping without a word of its own, which is all we are sent */
            unsigned char pong[6] = {0x8a, 0x80, 0, 0, 0, 0};
            if (write(c->fd, pong, sizeof pong) < 0) return;
        }
        if (kind == 8) { lose(c); return; }
        c->head_bytes = 0;
    }
}

static void shake(struct connection *c) {
    ssize_t got = read(c->fd, c->reply + c->reply_bytes, sizeof c->reply - 1 - c->reply_bytes);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (got <= 0) { lose(c); return; }
    c->reply_bytes += got;
    c->reply[c->reply_bytes] = 0;
    char *end = memmem(c->reply, c->reply_bytes, "\r\n\r\n", 4);
    if (!end) return;
    if (strncmp(c->reply, "HTTP/1.1 101", 12)) { lose(c); return; }
    c->state = SHAKEN;
    if (!greeted) opens(c);
    end += 4;
    read_frames(c, (unsigned char *)end, c->reply + c->reply_bytes - end, now());
}

static void look(struct connection *c, uint32_t events) {
    static unsigned char data[CHUNK];
    if (c->state == GONE) return;
    if (c->state == CONNECTING && events & EPOLLOUT) {
        int error = 0;
        socklen_t size = sizeof error;
        getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &error, &size);
        if (error || write(c->fd, request, strlen(request)) < 0) { lose(c); return; }
        c->state = SHAKING;
        struct epoll_event event = {.events = EPOLLIN, .data.u32 = (uint32_t)(c - all)};
        epoll_ctl(epoll, EPOLL_CTL_MOD, c->fd, &event);
        return;
    }
    if (c->state == SHAKING) { shake(c); return; }
    ssize_t got = read(c->fd, data, sizeof data);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (got <= 0) { lose(c); return; }
    read_frames(c, data, got, now());
}

static void turn(int milliseconds) {
    struct epoll_event events[MOST_EVENTS];
    int n = epoll_wait(epoll, events, MOST_EVENTS, milliseconds);
    for (int i = 0; i < n; i++) look(&all[events[i].data.u32], events[i].events);
}

static int earlier(const void *a, const void *b) {
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static void report(void) {
    qsort(instants, deliveries, sizeof *instants, earlier);
    int64_t none = 0, *at = deliveries ? instants : &none;
    size_t last = deliveries ? deliveries - 1 : 0;
    printf("{\"deliveries\": %zu, \"first\": %ld, \"p50\": %ld, \"p99\": %ld, \"last\": %ld, \"open\": %d}\n",
           deliveries, at[0], at[last / 2], at[last * 99 / 100], at[last], opened);
    fflush(stdout);
    deliveries = 0;
}

int main(int argc, char **argv) {
    if (argc != 8) { fprintf(stderr, "sockets HOST PORT PATH COUNT STUCK AT_ONCE GREETED\n"); return 2; }
    count = atoi(argv[4]);
    stuck = atoi(argv[5]);
    at_once = atoi(argv[6]);
    greeted = atoi(argv[7]);
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    address.sin_family = AF_INET;
    address.sin_port = htons(atoi(argv[2]));
    inet_pton(AF_INET, argv[1], &address.sin_addr);
    snprintf(request, sizeof request,
             "GET %s HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
             "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n", argv[3]);
    all = calloc(count, sizeof *all);
    epoll = epoll_create1(0);
    int64_t began = now();
    while (opened + failed < count && now() - began < (int64_t)HANDSHAKE_SECONDS * 1000000000) {
        while (begun < count && begun - opened - failed < at_once) begin_next();
        turn(100);
    }
    printf("{\"open\": %d, \"failed\": %d, \"seconds\": %.3f}\n", opened, count - opened, (now() - began) / 1e9);
    fflush(stdout);

    char line[128];
    fcntl(0, F_SETFL, O_NONBLOCK);
    for (;;) {
        ssize_t got = read(0, line, sizeof line - 1);
        if (got == 0) return 0;
        if (got < 0) { turn(20); continue; }
        line[got] = 0;
        size_t wanted;
        long milliseconds;
        if (sscanf(line, "wait %zu %ld", &wanted, &milliseconds) != 2) return 2;
        int64_t end = now() + milliseconds * 1000000;
        while (deliveries < wanted && now() < end) turn(20);
        report();
    }
}
