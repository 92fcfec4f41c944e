// SPDX-License-Identifier: Apache-2.0
// Runs a command with its output thrown away, and prints what it took: seconds, seconds of processor time, peak
// resident KiB, exit status.
//   timed COMMAND [ARGUMENT...]
// A small program, because Linux counts the memory of the process that forks as the child's until it calls exec: run
// from Python, every command would seem to need as much as Python does.
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

int main(int argc, char** argv) {
  if (argc < 2) {
    fprintf(stderr, "usage: timed COMMAND [ARGUMENT...]\n");
    return 2;
  }
  const double start = now();
  const pid_t child = fork();
  if (child < 0) {
    perror("timed: fork");
    return 1;
  }
  if (child == 0) {
    const int nowhere = open("/dev/null", O_RDWR);
    dup2(nowhere, 0);
    dup2(nowhere, 1);
    execvp(argv[1], argv + 1);
    perror(argv[1]);
    _exit(127);
  }
  int status = 0;
  struct rusage usage;
  if (wait4(child, &status, 0, &usage) < 0) {
    perror("timed: wait4");
    return 1;
  }
  const double seconds = now() - start;
  const double processor = (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
                           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
  printf("%.6f %.6f %ld %d\n", seconds, processor, usage.ru_maxrss,
         WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
  return 0;
}
