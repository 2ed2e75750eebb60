/** How many requests one turn of a contestant is, over 50 connections: with fewer, to accept those would be much of it. */
export const requestsPerTurn = 20_000;
