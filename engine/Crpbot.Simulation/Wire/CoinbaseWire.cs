using Crpbot.Codecs.Instruments;
using Crpbot.Messages;

namespace Crpbot.Simulation.Wire;

/// <summary>Writes venue messages as Coinbase Exchange's WebSocket feed does.</summary>
/// <remarks>A match carries the <em>maker's</em> side, the opposite of the Trade's. Level 2 messages carry no sequence.</remarks>
internal static class CoinbaseWire
{
    /// <summary>Replaces the text by one message.</summary>
    /// <param name="message">The events of one venue message.</param>
    /// <param name="instrument">Their Instrument.</param>
    /// <param name="sequence">The product's sequence number, for the types that carry one.</param>
    /// <param name="text">Receives the document.</param>
    public static void Write(ReadOnlySpan<MarketEvent> message, Instrument instrument, long sequence, WireText text)
    {
        text.Clear();
        ref readonly MarketEvent first = ref message[0];
        switch (first.Kind)
        {
            case MarketEventKind.Trade:
                Match("match"u8, first, instrument, sequence, text);
                break;
            case MarketEventKind.BookClear:
                Snapshot(message, instrument, text);
                break;
            case MarketEventKind.BookDelta:
                Update(message, instrument, text);
                break;
            case MarketEventKind.Heartbeat:
                text.Add("{\"type\":\"heartbeat\",\"last_trade_id\":"u8).Add(first.Aux).Add(",\"product_id\":\""u8).Add(instrument.Symbol)
                    .Add("\",\"sequence\":"u8).Add(first.Sequence).Add(",\"time\":\""u8).Add(first.ExchangeTime).Add("\"}"u8);
                break;
            default:
                throw new ArgumentException($"the simulated exchange does not send {first.Kind}");
        }
    }

    /// <summary>Replaces the text by the match that went before a subscription.</summary>
    public static void LastMatch(in MarketEvent trade, Instrument instrument, long sequence, WireText text)
    {
        text.Clear();
        Match("last_match"u8, trade, instrument, sequence, text);
    }

    /// <summary>Replaces the text by the ticker of a trade and the best levels it left.</summary>
    public static void Ticker(
        in MarketEvent trade, Instrument instrument, long sequence, (long BidTicks, long BidLots, long AskTicks, long AskLots) top, WireText text)
    {
        text.Clear().Add("{\"type\":\"ticker\",\"sequence\":"u8).Add(sequence).Add(",\"product_id\":\""u8).Add(instrument.Symbol).Add("\""u8);
        Price(",\"price\":\""u8, instrument, trade.Price.Ticks, text);
        Price(",\"best_bid\":\""u8, instrument, top.BidTicks, text);
        Size(",\"best_bid_size\":\""u8, instrument, top.BidLots, text);
        Price(",\"best_ask\":\""u8, instrument, top.AskTicks, text);
        Size(",\"best_ask_size\":\""u8, instrument, top.AskLots, text);
        text.Add(",\"side\":\""u8).Add(trade.Side == Side.Buy ? "buy"u8 : "sell"u8).Add("\",\"time\":\""u8).Add(trade.ExchangeTime)
            .Add("\",\"trade_id\":"u8).Add(trade.Sequence);
        Size(",\"last_size\":\""u8, instrument, trade.Quantity.Lots, text);
        text.Add("}"u8);

        static void Price(ReadOnlySpan<byte> name, Instrument instrument, long ticks, WireText text) =>
            text.Add(name).Add(instrument.Tick, ticks, trim: false).Add("\""u8);

        static void Size(ReadOnlySpan<byte> name, Instrument instrument, long lots, WireText text) =>
            text.Add(name).Add(instrument.Lot, lots, trim: false).Add("\""u8);
    }

    private static void Match(ReadOnlySpan<byte> type, in MarketEvent trade, Instrument instrument, long sequence, WireText text) =>
        text.Add("{\"type\":\""u8).Add(type).Add("\",\"trade_id\":"u8).Add(trade.Sequence)
            .Add(",\"maker_order_id\":\"00000000-0000-4000-8000-"u8).Add(100_000_000_000 + 2 * trade.Sequence)
            .Add("\",\"taker_order_id\":\"00000000-0000-4000-8000-"u8).Add(100_000_000_001 + 2 * trade.Sequence)
            .Add("\",\"side\":\""u8).Add(trade.Side == Side.Buy ? "sell"u8 : "buy"u8)
            .Add("\",\"size\":\""u8).Add(instrument.Lot, trade.Quantity.Lots, trim: false)
            .Add("\",\"price\":\""u8).Add(instrument.Tick, trade.Price.Ticks, trim: false)
            .Add("\",\"product_id\":\""u8).Add(instrument.Symbol).Add("\",\"sequence\":"u8).Add(sequence)
            .Add(",\"time\":\""u8).Add(trade.ExchangeTime).Add("\"}"u8);

    private static void Snapshot(ReadOnlySpan<MarketEvent> message, Instrument instrument, WireText text)
    {
        text.Add("{\"type\":\"snapshot\",\"product_id\":\""u8).Add(instrument.Symbol).Add("\""u8);
        // In the order of the events: a parser reads the sides as they come.
        Levels(",\"bids\":["u8, message, Side.Buy, instrument, text);
        Levels(",\"asks\":["u8, message, Side.Sell, instrument, text);
        text.Add(",\"time\":\""u8).Add(message[0].ExchangeTime).Add("\"}"u8);
    }

    private static void Levels(ReadOnlySpan<byte> name, ReadOnlySpan<MarketEvent> message, Side side, Instrument instrument, WireText text)
    {
        text.Add(name);
        bool first = true;
        foreach (ref readonly MarketEvent level in message)
        {
            if (level.Kind != MarketEventKind.BookDelta || level.Side != side)
                continue;
            text.Add(first ? "[\""u8 : ",[\""u8).Add(instrument.Tick, level.Price.Ticks, trim: false)
                .Add("\",\""u8).Add(instrument.Lot, level.Quantity.Lots, trim: false).Add("\"]"u8);
            first = false;
        }

        text.Add("]"u8);
    }

    private static void Update(ReadOnlySpan<MarketEvent> message, Instrument instrument, WireText text)
    {
        text.Add("{\"type\":\"l2update\",\"product_id\":\""u8).Add(instrument.Symbol).Add("\",\"changes\":["u8);
        for (int i = 0; i < message.Length; i++)
        {
            ref readonly MarketEvent level = ref message[i];
            text.Add(i == 0 ? "[\""u8 : ",[\""u8).Add(level.Side == Side.Buy ? "buy"u8 : "sell"u8).Add("\",\""u8)
                .Add(instrument.Tick, level.Price.Ticks, trim: false).Add("\",\""u8).Add(instrument.Lot, level.Quantity.Lots, trim: false).Add("\"]"u8);
        }

        text.Add("],\"time\":\""u8).Add(message[0].ExchangeTime).Add("\"}"u8);
    }
}
