CREATE DATABASE aftercare_tracker;
