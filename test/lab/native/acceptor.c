// A TCP server that costs little: takes connections on a port of every address and resets them at
// once, so that neither side keeps any. Argument: port.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

int main(int argc, char** argv) {
  const int listener = socket(AF_INET, SOCK_STREAM, 0);
  const int one = 1;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(atoi(argv[argc - 1]))};
  if (bind(listener, (struct sockaddr*)&address, sizeof address) < 0) return 1;
  if (listen(listener, 65535) < 0) return 1;
  const struct linger reset = {.l_onoff = 1, .l_linger = 0};
  for (;;) {
    const int connection = accept(listener, NULL, NULL);
    if (connection < 0) continue;
    setsockopt(connection, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    close(connection);
  }
}
