using System.Text;
using Crpbot.Codecs;
using Crpbot.Codecs.Instruments;
using Crpbot.Messages;
using Crpbot.Simulation.Wire;

namespace Crpbot.Simulation;

/// <content>What goes to whom. Everything here runs under the lock.</content>
public sealed partial class SimulatedExchange
{
    private readonly MarketEventBuffer _message = new();
    private readonly MarketEventBuffer _snapshot = new();
    private readonly WireText _tardisText = new();
    private readonly WireText _coinbaseText = new();
    private readonly WireText _tickerText = new();
    private readonly WireText _otherText = new();
    private readonly MarketEvent[] _lastTrades;
    private readonly bool[] _tickerDue;
    private UnixNanos _lastSent;

    private void SendNext()
    {
        _message.Clear();
        _simulator.NextMessage(_message);
        Interlocked.Increment(ref _messages);
        ReadOnlySpan<MarketEvent> events = _message.Events;
        ref readonly MarketEvent first = ref events[0];
        _lastSent = first.ExchangeTime;
        int slot = SlotOf(first.Instrument);
        Instrument instrument = _simulator.Instruments[slot];
        Feeds feed = first.Kind switch
        {
            MarketEventKind.Trade => Feeds.Trades,
            MarketEventKind.Heartbeat => Feeds.Heartbeats,
            _ => Feeds.Book,
        };

        bool tardis = TardisWire.TryWrite(events, instrument, _tardisText);
        CoinbaseWire.Write(events, instrument, _simulator.SequenceOf(first.Instrument), _coinbaseText);
        bool ticker = feed == Feeds.Book && _tickerDue[slot];
        if (ticker)
            WriteTicker(slot, instrument);

        // Backwards, as a client that is cut leaves the list.
        for (int i = _clients.Count - 1; i >= 0; i--)
        {
            FeedClient client = _clients[i];
            Feeds wanted = client.Subscriptions[slot];
            if ((wanted & feed) != 0 && (client.Format == FeedFormat.Coinbase || tardis))
                Send(client, client.Format == FeedFormat.Coinbase ? _coinbaseText.Written : _tardisText.Written);
            if (ticker && (wanted & Feeds.Tickers) != 0)
                Send(client, _tickerText.Written);
            if (client.Format == FeedFormat.Tardis && client.TakeDisconnect())
                Restart(client);
        }

        if (feed == Feeds.Trades)
            (_lastTrades[slot], _tickerDue[slot]) = (first, true);
        else if (ticker)
            _tickerDue[slot] = false;
    }

    /// <summary>A ticker tells of the last trade and of the book it left, so it follows the levels that trade took.</summary>
    private void WriteTicker(int slot, Instrument instrument) =>
        CoinbaseWire.Ticker(_lastTrades[slot], instrument, _simulator.SequenceOf(instrument.Id), _simulator.TopOf(instrument.Id), _tickerText);

    private void Subscribe(FeedClient client, Feeds[] wanted, bool unsubscribe)
    {
        lock (_gate)
        {
            // Before anything is sent: whoever receives the first message finds the clock begun.
            Clock.Begin();
            var added = new Feeds[wanted.Length];
            for (int slot = 0; slot < wanted.Length; slot++)
            {
                added[slot] = unsubscribe ? Feeds.None : wanted[slot] & ~client.Subscriptions[slot];
                client.Subscriptions[slot] = unsubscribe ? client.Subscriptions[slot] & ~wanted[slot] : client.Subscriptions[slot] | wanted[slot];
            }

            if (client.Format == FeedFormat.Coinbase)
                SendSubscriptions(client);
            UnixNanos now = Now();
            for (int slot = 0; slot < added.Length; slot++)
            {
                if ((added[slot] & Feeds.Trades) != 0 && client.Format == FeedFormat.Coinbase && _lastTrades[slot].Kind == MarketEventKind.Trade)
                {
                    CoinbaseWire.LastMatch(_lastTrades[slot], _simulator.Instruments[slot], _simulator.SequenceOf(_simulator.Instruments[slot].Id), _otherText);
                    Send(client, _otherText.Written);
                }

                if ((added[slot] & Feeds.Book) != 0)
                    SendSnapshot(client, slot, now);
            }

            _subscribed.Set();
        }
    }

    /// <summary>tardis-machine lost its exchange and found it again.</summary>
    private void Restart(FeedClient client)
    {
        if (client.WantsDisconnects)
        {
            TardisWire.Disconnect(_symbols.Where((_, slot) => client.Subscriptions[slot] != Feeds.None), _lastSent, _otherText);
            Send(client, _otherText.Written);
        }

        UnixNanos now = Now();
        for (int slot = 0; slot < _symbols.Length; slot++)
        {
            if ((client.Subscriptions[slot] & Feeds.Book) != 0)
                SendSnapshot(client, slot, now);
        }
    }

    private void SendSnapshot(FeedClient client, int slot, UnixNanos now)
    {
        Instrument instrument = _simulator.Instruments[slot];
        _snapshot.Clear();
        _simulator.SnapshotNow(instrument.Id, now, _snapshot);
        if (client.Format == FeedFormat.Tardis)
            TardisWire.TryWrite(_snapshot.Events, instrument, _otherText);
        else
            CoinbaseWire.Write(_snapshot.Events, instrument, 0, _otherText);
        Send(client, _otherText.Written);
    }

    private void SendSubscriptions(FeedClient client)
    {
        (string Name, Feeds Feed)[] channels = [("level2", Feeds.Book), ("matches", Feeds.Trades), ("heartbeat", Feeds.Heartbeats), ("ticker", Feeds.Tickers)];
        IEnumerable<string> parts =
            from channel in channels
            let products = _symbols.Where((_, slot) => (client.Subscriptions[slot] & channel.Feed) != 0).ToArray()
            where products.Length > 0
            select $$"""{"name":"{{channel.Name}}","product_ids":[{{string.Join(',', products.Select(p => $"\"{p}\""))}}]}""";
        Send(client, Encoding.UTF8.GetBytes($$"""{"type":"subscriptions","channels":[{{string.Join(',', parts)}}]}"""));
    }

    private void Send(FeedClient client, ReadOnlySpan<byte> frame)
    {
        if (client.TrySend(frame))
            return;
        Interlocked.Increment(ref _slowClients);
        client.Abort();
        _clients.Remove(client);
    }

    /// <summary>Market time as messages show it: whole microseconds, neither before the last message nor after the next.</summary>
    private UnixNanos Now()
    {
        UnixNanos now = Clock.Now.Floor(UnixNanos.PerMicrosecond);
        if (now < _lastSent)
            return _lastSent;
        return now < _simulator.NextTime ? now : _simulator.NextTime;
    }

    private int SlotOf(InstrumentId instrument)
    {
        int slot = 0;
        while (_simulator.Instruments[slot].Id != instrument)
            slot++;
        return slot;
    }
}
