#ifndef PAMLAB_CMD_IMAGE_H
#define PAMLAB_CMD_IMAGE_H

/* `pamlab image ...`: argv[0] is "image". Returns the program's exit status. */
int cmd_image(int argc, char **argv);

#endif
