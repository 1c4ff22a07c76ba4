using Crpbot.Codecs.Json;
using Crpbot.Messages;

namespace Crpbot.Codecs.Venues;

/// <summary>Reads that several venues share.</summary>
internal static class VenueFields
{
    /// <summary>Finds the state of a symbol, adding it on first sight.</summary>
    public static bool TryResolve<T>(this SymbolMap<T> symbols, ref JsonScanner json, scoped JsonText name, out T state)
        where T : VenueSymbol
    {
        Span<byte> unescaped = stackalloc byte[JsonText.PlainLengthMax];
        scoped ReadOnlySpan<byte> symbol = name.Raw;
        if (name.Escaped)
            symbol = name.TryUnescape(unescaped, out int length) ? unescaped[..length] : default;
        bool valid = SymbolMap<T>.IsSymbol(symbol);
        state = valid ? symbols.FindOrAdd(symbol) : null!;
        return valid || json.Fail(ParseError.InvalidSymbol, name.Position);
    }

    /// <summary>Moves to the next element of an array that must have one more.</summary>
    public static bool RequireElement(this ref JsonScanner json) =>
        json.NextElement() || json.Fail(ParseError.MissingField, json.Position);

    /// <summary>Appends one side of a ticker; a price that is absent, empty or zero says the side is empty and gives no event.</summary>
    public static bool AppendQuote(
        this ref JsonScanner json, int priceAt, int quantityAt, VenueSymbol symbol, Side side, in EventStamp stamp, long sequence,
        MarketEventBuffer output)
    {
        if (!json.Has(priceAt))
            return !json.Failed;
        if (!json.ReadNumeric(out ReadOnlySpan<byte> text, out int position))
            return false;
        if (text.IsEmpty)
            return true;
        ParseError error = DecimalParser.ParseSteps(text, symbol.Tick, out long ticks);
        if (error != ParseError.None || ticks < 0)
            return json.Fail(error == ParseError.None ? ParseError.NotPositive : error, position);
        Quantity quantity = default;
        if (json.Has(quantityAt) && !json.ReadQuantity(symbol.Lot, out quantity))
            return false;
        if (ticks > 0)
            stamp.AddQuote(output, side, new Price(ticks), quantity).Sequence = sequence;
        return !json.Failed;
    }

    /// <summary>Appends one value of a derivative ticker, exactly; absent and empty values give no event.</summary>
    public static bool AppendDerivative(this ref JsonScanner json, int at, DerivativeField field, in EventStamp stamp, MarketEventBuffer output)
    {
        if (!json.Has(at))
            return !json.Failed;
        if (!json.ReadNumeric(out ReadOnlySpan<byte> text, out int position))
            return false;
        if (text.IsEmpty)
            return true;
        ParseError error = DecimalParser.ParseScaled(text, out long mantissa, out byte scale);
        if (error != ParseError.None)
            return json.Fail(error, position);
        ref MarketEvent added = ref stamp.Add(output, MarketEventKind.DerivativeTicker, Channel.Derivative);
        added.Detail = (int)field;
        added.Price = new Price(mantissa);
        added.Scale = scale;
        return true;
    }
}
