#!/bin/sh
echo published
