using Crpbot.Codecs.Instruments;
using Crpbot.Codecs.Tardis;

namespace Crpbot.Codecs.Venues;

/// <summary>One parser a venue, for recordings that are read one after another.</summary>
public sealed class VenueParsers(InstrumentTable instruments, TextIdTable textIds)
{
    private readonly Dictionary<string, IVenueParser> _parsers = [];

    /// <summary>The formats there is a parser for.</summary>
    public static IReadOnlyList<string> Names { get; } = ["coinbase", "coinbase-advanced", "binance", "binance-futures", "tardis"];

    /// <summary>The parser of a venue, made on first use.</summary>
    /// <exception cref="ArgumentException">There is none.</exception>
    public IVenueParser Of(string venue)
    {
        if (!_parsers.TryGetValue(venue, out IVenueParser? parser))
            _parsers[venue] = parser = Create(venue, instruments, textIds);
        return parser;
    }

    /// <summary>A new parser.</summary>
    /// <param name="venue">One of <see cref="Names"/>.</param>
    /// <param name="instruments">Gives ticks and lots; new Instruments are added.</param>
    /// <param name="textIds">Takes trade ids that are no integers, where the venue has such.</param>
    /// <exception cref="ArgumentException">There is none.</exception>
    public static IVenueParser Create(string venue, InstrumentTable instruments, TextIdTable textIds) => venue switch
    {
        "coinbase" => new CoinbaseParser(instruments),
        "coinbase-advanced" => new CoinbaseAdvancedParser(instruments),
        "binance" or "binance-futures" => new BinanceParser(instruments, venue),
        "tardis" => new TardisMessageParser(instruments, textIds),
        _ => throw new ArgumentException($"no venue '{venue}'; known: {string.Join(", ", Names)}", nameof(venue)),
    };
}
