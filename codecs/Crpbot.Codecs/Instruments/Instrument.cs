using Crpbot.Messages;

namespace Crpbot.Codecs.Instruments;

/// <summary>What is traded where, and its increments.</summary>
/// <param name="Id">Dense index of this process.</param>
/// <param name="Venue">Tardis' exchange id, e.g. <c>coinbase</c>.</param>
/// <param name="Symbol">The venue's symbol, upper-case, e.g. <c>BTC-USD</c>.</param>
/// <param name="Tick">Price increment.</param>
/// <param name="Lot">Quantity increment.</param>
/// <param name="Assumed">Nobody described it: tick and lot are 1e-8.</param>
public sealed record Instrument(InstrumentId Id, string Venue, string Symbol, DecimalStep Tick, DecimalStep Lot, bool Assumed)
{
    /// <summary><c>venue:SYMBOL</c>.</summary>
    public string Name { get; } = $"{Venue}:{Symbol}";

    public double PriceOf(Price price) => Tick.ToDouble(price.Ticks);

    public double QuantityOf(Quantity quantity) => Lot.ToDouble(quantity.Lots);

    public string Format(Price price) => Tick.Format(price.Ticks);

    public string Format(Quantity quantity) => Lot.Format(quantity.Lots);

    public override string ToString() => Name;
}
