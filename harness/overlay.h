/* The lab's part of every initramfs: the guest programs and the entries' drivers. */
#ifndef PAMLAB_OVERLAY_H
#define PAMLAB_OVERLAY_H

#include "err.h"
#include "initramfs.h"

/* Collects them from build/guest and scenarios/entries. The caller frees it. */
struct overlay *guest_overlay(struct err **e);

#endif
