namespace Crpbot.Messages;

/// <summary>Buy or Sell. On a Trade it is the aggressor's side, on a book level Buy is the bid and Sell the ask.</summary>
public enum Side : byte
{
    Unknown = 0,
    Buy = 1,
    Sell = 2,
}
