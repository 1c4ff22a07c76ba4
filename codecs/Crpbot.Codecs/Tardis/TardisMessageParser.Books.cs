using Crpbot.Codecs.Json;
using Crpbot.Codecs.Venues;
using Crpbot.Messages;

namespace Crpbot.Codecs.Tardis;

/// <summary>Books by change, books by repeated snapshot, and best prices made from either.</summary>
public sealed partial class TardisMessageParser
{
    private bool ReadBookChange(ref JsonScanner json, scoped ReadOnlySpan<int> at, VenueSymbol symbol, in EventStamp message, MarketEventBuffer output)
    {
        if (!json.BooleanAt(at[(int)Field.IsSnapshot], out bool isSnapshot))
            return false;
        EventStamp stamp = message.With(MarketEventFlags.NoSequence | (isSnapshot ? MarketEventFlags.Snapshot : 0));
        int start = output.Count;
        if (isSnapshot)
            stamp.Add(output, MarketEventKind.BookClear, Channel.Book);
        long unusable = 0;
        if (!ReadLevels(ref json, at[(int)Field.Bids], symbol, Side.Buy, stamp, isSnapshot, output, ref unusable)
            || !ReadLevels(ref json, at[(int)Field.Asks], symbol, Side.Sell, stamp, isSnapshot, output, ref unusable))
        {
            return false;
        }

        DroppedLevels += unusable;
        CommitBook(symbol, isSnapshot, output, start);
        return true;
    }

    private void CommitBook(VenueSymbol symbol, bool isSnapshot, MarketEventBuffer output, int start)
    {
        symbol.HasBook |= isSnapshot;
        if (!symbol.HasBook)
        {
            Dropped += output.Count - start;
            output.Truncate(start);
        }

        CloseGroup(output, start);
    }

    private bool ReadBookSnapshot(ref JsonScanner json, scoped ReadOnlySpan<int> at, VenueSymbol symbol, in EventStamp message, MarketEventBuffer output)
    {
        if (!json.TextAt(at[(int)Field.Name], out JsonText name))
            return false;
        bool isQuote = !name.Escaped && name.Raw.StartsWith("quote"u8);
        EventStamp stamp = message.With(MarketEventFlags.NoSequence | (isQuote ? MarketEventFlags.Derived : MarketEventFlags.Snapshot));
        int start = output.Count;
        if (!isQuote)
            stamp.Add(output, MarketEventKind.BookClear, Channel.Book);
        long unusable = 0;
        int bids = output.Count;
        if (!ReadLevels(ref json, at[(int)Field.Bids], symbol, Side.Buy, stamp, isSnapshot: true, output, ref unusable))
            return false;
        if (isQuote)
            KeepFirstAsQuote(output, bids);
        int asks = output.Count;
        if (!ReadLevels(ref json, at[(int)Field.Asks], symbol, Side.Sell, stamp, isSnapshot: true, output, ref unusable))
            return false;
        if (isQuote)
            KeepFirstAsQuote(output, asks);
        DroppedLevels += unusable;
        if (!isQuote & symbol.HasBook)
        {
            Dropped += output.Count - start - 1;
            output.Truncate(start);
        }

        CloseGroup(output, start);
        return true;
    }

    private static void KeepFirstAsQuote(MarketEventBuffer output, int start)
    {
        if (output.Count == start)
            return;
        output.Truncate(start + 1);
        ref MarketEvent quote = ref output.Writable[start];
        (quote.Kind, quote.Channel) = (MarketEventKind.Quote, Channel.Quotes);
    }

    private static bool ReadLevels(
        ref JsonScanner json, int arrayAt, VenueSymbol symbol, Side side, in EventStamp stamp, bool isSnapshot, MarketEventBuffer output, ref long unusable)
    {
        if (!json.Go(arrayAt))
            return false;
        Span<int> at = stackalloc int[2];
        for (json.EnterArray(); json.NextElement();)
        {
            if (!json.IndexFields(LevelFields, at))
                return false;
            int after = json.Position;
            (int priceAt, int amountAt) = (at[0], at[1]);
            if (isSnapshot & priceAt == JsonFields.Absent & amountAt == JsonFields.Absent)
                continue;
            Quantity quantity = default;
            bool usable = false;
            if (!json.Go(priceAt) || !json.ReadPrice(symbol.Tick, out Price price)
                || (json.Has(amountAt) && !json.ReadQuantityIfUsable(symbol.Lot, out quantity, out usable)))
            {
                return false;
            }

            json.Seek(after);
            if (!usable)
                unusable++;
            else if (!isSnapshot | quantity.Lots != 0)
                stamp.AddLevel(output, side, price, quantity);
        }

        return !json.Failed;
    }
}
