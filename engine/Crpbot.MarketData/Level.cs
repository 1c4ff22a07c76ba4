using Crpbot.Messages;

namespace Crpbot.MarketData;

/// <summary>One price of one side of a book and what rests there; both zero where there is no level.</summary>
public readonly record struct Level(Price Price, Quantity Quantity);
