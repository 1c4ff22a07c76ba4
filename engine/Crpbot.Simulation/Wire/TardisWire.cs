using Crpbot.Codecs.Instruments;
using Crpbot.Messages;

namespace Crpbot.Simulation.Wire;

/// <summary>Writes venue messages in tardis-machine's normalised format, field for field and in its order.</summary>
internal static class TardisWire
{
    /// <summary>Replaces the text by one message.</summary>
    /// <returns>False for what the format does not carry: heartbeats.</returns>
    public static bool TryWrite(ReadOnlySpan<MarketEvent> message, Instrument instrument, WireText text)
    {
        text.Clear();
        switch (message[0].Kind)
        {
            case MarketEventKind.Trade:
                Trade(message[0], instrument, text);
                return true;
            case MarketEventKind.BookDelta or MarketEventKind.BookClear:
                BookChange(message, instrument, text);
                return true;
            default:
                return false;
        }
    }

    /// <summary>Replaces the text by a disconnect of some symbols.</summary>
    public static void Disconnect(IEnumerable<string> symbols, UnixNanos lastMessage, WireText text)
    {
        text.Clear().Add("{\"type\":\"disconnect\",\"exchange\":\""u8).Add(SimulationOptions.Venue).Add("\",\"localTimestamp\":\""u8).Add(lastMessage)
            .Add("\",\"symbols\":["u8);
        bool first = true;
        foreach (string symbol in symbols)
        {
            text.Add(first ? "\""u8 : ",\""u8).Add(symbol).Add("\""u8);
            first = false;
        }

        text.Add("]}"u8);
    }

    private static void Trade(in MarketEvent trade, Instrument instrument, WireText text)
    {
        Head("trade"u8, instrument, text).Add(",\"id\":\""u8).Add(trade.Sequence).Add("\",\"price\":"u8).Add(instrument.Tick, trade.Price.Ticks, trim: true)
            .Add(",\"amount\":"u8).Add(instrument.Lot, trade.Quantity.Lots, trim: true)
            .Add(",\"side\":\""u8).Add(trade.Side == Side.Buy ? "buy"u8 : "sell"u8).Add("\""u8);
        Tail(trade, text);
    }

    private static void BookChange(ReadOnlySpan<MarketEvent> message, Instrument instrument, WireText text)
    {
        bool snapshot = message[0].Kind == MarketEventKind.BookClear;
        Head("book_change"u8, instrument, text).Add(snapshot ? ",\"isSnapshot\":true"u8 : ",\"isSnapshot\":false"u8);
        Levels(",\"bids\":["u8, message, Side.Buy, instrument, text);
        Levels(",\"asks\":["u8, message, Side.Sell, instrument, text);
        Tail(message[0], text);
    }

    private static void Levels(ReadOnlySpan<byte> name, ReadOnlySpan<MarketEvent> message, Side side, Instrument instrument, WireText text)
    {
        text.Add(name);
        bool first = true;
        foreach (ref readonly MarketEvent level in message)
        {
            if (level.Kind != MarketEventKind.BookDelta || level.Side != side)
                continue;
            text.Add(first ? "{\"price\":"u8 : ",{\"price\":"u8).Add(instrument.Tick, level.Price.Ticks, trim: true)
                .Add(",\"amount\":"u8).Add(instrument.Lot, level.Quantity.Lots, trim: true).Add("}"u8);
            first = false;
        }

        text.Add("]"u8);
    }

    private static WireText Head(ReadOnlySpan<byte> type, Instrument instrument, WireText text) =>
        text.Add("{\"type\":\""u8).Add(type).Add("\",\"symbol\":\""u8).Add(instrument.Symbol).Add("\",\"exchange\":\""u8).Add(instrument.Venue).Add("\""u8);

    private static void Tail(in MarketEvent first, WireText text) =>
        text.Add(",\"timestamp\":\""u8).Add(first.ExchangeTime).Add("\",\"localTimestamp\":\""u8).Add(first.ReceiveTime).Add("\"}"u8);
}
