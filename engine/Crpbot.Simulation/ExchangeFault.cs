namespace Crpbot.Simulation;

/// <summary>What goes wrong with one connection, on request. Counts are messages sent on it, snapshots and answers included.</summary>
/// <param name="CutAfterMessages">The TCP connection ends in the middle of the message after these, without a closing handshake.</param>
/// <param name="SilentAfterMessages">Nothing more is sent, but the connection stays open.</param>
/// <param name="DisconnectAfterMessages">Tardis format only: the server reports that it lost the exchange, then starts from fresh snapshots.</param>
public sealed record ExchangeFault(long? CutAfterMessages = null, long? SilentAfterMessages = null, long? DisconnectAfterMessages = null);
