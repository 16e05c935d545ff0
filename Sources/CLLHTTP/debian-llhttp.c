// llhttp as the distribution ships it (package node-llhttp); nothing of it is kept here.
#include "/usr/share/llhttp/llhttp.c"
