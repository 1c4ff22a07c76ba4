namespace Crpbot.Codecs.Instruments;

/// <summary>The shipped increments of BTC, ETH and SOL at the venues this engine trades or learns from.</summary>
/// <remarks>
/// Sources: the venues' public product lists (Coinbase <c>/products</c> quote_increment, Binance <c>exchangeInfo</c> PRICE_FILTER and
/// LOT_SIZE), made as fine as anything the venue's recordings since 2020 hold. Spot quantities are kept to 1e-8, the resolution of the
/// feeds: orders older than the present lot size still rest in Binance's spot books. The tick of BTCUSDT futures is 0.1 since 2022
/// and was 0.01 before. A file from another epoch names its own with <c>--instruments</c>.
/// </remarks>
public static class KnownInstruments
{
    public static IReadOnlyDictionary<(string Venue, string Symbol), (DecimalStep Tick, DecimalStep Lot)> Descriptions { get; } =
        new Dictionary<(string, string), (DecimalStep, DecimalStep)>
        {
            [("coinbase", "BTC-USD")] = (new(1, 2), new(1, 8)),
            [("coinbase", "ETH-USD")] = (new(1, 2), new(1, 8)),
            [("coinbase", "SOL-USD")] = (new(1, 2), new(1, 8)),
            [("binance", "BTCUSDT")] = (new(1, 2), new(1, 8)),
            [("binance", "ETHUSDT")] = (new(1, 2), new(1, 8)),
            [("binance", "SOLUSDT")] = (new(1, 4), new(1, 8)),
            [("binance-futures", "BTCUSDT")] = (new(1, 2), new(1, 3)),
            [("binance-futures", "ETHUSDT")] = (new(1, 2), new(1, 3)),
            [("binance-futures", "SOLUSDT")] = (new(1, 3), new(1, 2)),
        };
}
