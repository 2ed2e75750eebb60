/** How many requests one turn of a contestant is, over 50 connections. */
export const requestsPerTurn = 2_000;
