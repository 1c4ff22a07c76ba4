namespace Crpbot.Codecs.Instruments;

/// <summary>The shipped increments of BTC, ETH and SOL at the venues this engine trades or learns from.</summary>
/// <remarks>
/// Sources: the venues' public product lists (Coinbase <c>/products</c> quote_increment, Binance <c>exchangeInfo</c> PRICE_FILTER and
/// LOT_SIZE). Coinbase quantities are kept to 1e-8, the resolution of its feed. Ticks were coarser or finer at other times, so a
/// file from another epoch names its own with <c>--instruments</c>.
/// </remarks>
public static class KnownInstruments
{
    public static IReadOnlyDictionary<(string Venue, string Symbol), (DecimalStep Tick, DecimalStep Lot)> Descriptions { get; } =
        new Dictionary<(string, string), (DecimalStep, DecimalStep)>
        {
            [("coinbase", "BTC-USD")] = (new(1, 2), new(1, 8)),
            [("coinbase", "ETH-USD")] = (new(1, 2), new(1, 8)),
            [("coinbase", "SOL-USD")] = (new(1, 2), new(1, 8)),
            [("binance", "BTCUSDT")] = (new(1, 2), new(1, 5)),
            [("binance", "ETHUSDT")] = (new(1, 2), new(1, 4)),
            [("binance", "SOLUSDT")] = (new(1, 2), new(1, 3)),
            [("binance-futures", "BTCUSDT")] = (new(1, 1), new(1, 3)),
            [("binance-futures", "ETHUSDT")] = (new(1, 2), new(1, 3)),
            [("binance-futures", "SOLUSDT")] = (new(1, 3), new(1, 2)),
        };
}
