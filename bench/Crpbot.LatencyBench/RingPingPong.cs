using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Threading.Channels;
using Crpbot.Disruptor;
using Crpbot.Telemetry;

namespace Crpbot.LatencyBench;

/// <summary>Two threads and a ring: how many 64-byte slots a second pass one way, and how long a slot takes there and back.</summary>
/// <remarks>
/// The ring, <see cref="Channel{T}"/> and a queue under a lock do the same work in turn, several rounds interleaved, so that a busy machine
/// troubles all alike; the median round counts. Every run checks its sum. The ring spins and wants two cores to itself.
/// <code>
/// one way        producer ──ring──► consumer
/// there and back  player  ──ping──► echo
///                         ◄──pong──
/// </code>
/// </remarks>
internal static class RingPingPong
{
    private const int Capacity = 4096;
    private const int Rounds = 5;

    public static int Run(double scale = 1)
    {
        Console.WriteLine($"machine: {MachineLine.Describe()}");
        long many = (long)(40_000_000 * scale), some = (long)(2_000_000 * scale), few = (long)(100_000 * scale);
        (string Name, long Count, Func<long, double> Measure)[] oneWay =
        [
            ("ring, one at a time", many, count => RingOneWay(count, 1)),
            ("ring, batches of 16", many, count => RingOneWay(count, 16)),
            ("ring, 2 producers", some, RingTwoProducers),
            ("Channel<T>", some, ChannelOneWay),
            ("queue under a lock", some, LockOneWay),
        ];
        double[,] rates = new double[oneWay.Length, Rounds];
        for (int round = -1; round < Rounds; round++)
        {
            for (int i = 0; i < oneWay.Length; i++)
            {
                double rate = oneWay[i].Measure(round < 0 ? oneWay[i].Count / 10 : oneWay[i].Count);
                if (round >= 0)
                    rates[i, round] = rate;
            }
        }

        Console.WriteLine($"{"one way, 64-byte slots",-24}{"median M/s",12}{"best M/s",12}{"× channel",12}");
        for (int i = 0; i < oneWay.Length; i++)
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{oneWay[i].Name,-24}{Median(rates, i) / 1e6,12:F1}{Best(rates, i) / 1e6,12:F1}{Median(rates, i) / Median(rates, 3),12:F1}"));

        (string Name, long Count, Action<long[]> Measure)[] thereAndBack =
        [
            ("ring, busy spin", few * 5, RingRoundTrip),
            ("Channel<T>", few, ChannelRoundTrip),
        ];
        Console.WriteLine($"{"there and back, ns",-24}{"p50",10}{"p90",10}{"p99",10}{"p99.9",10}{"p99.99",10}{"worst",12}");
        foreach ((string name, long count, Action<long[]> measure) in thereAndBack)
        {
            measure(new long[count / 10]);
            long[] nanos = new long[count];
            int gen0 = GC.CollectionCount(0);
            measure(nanos);
            gen0 = GC.CollectionCount(0) - gen0;
            Array.Sort(nanos);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{name,-24}{At(nanos, .5),10}{At(nanos, .9),10}{At(nanos, .99),10}{At(nanos, .999),10}{At(nanos, .9999),10}{nanos[^1],12}   gen0 {gen0}"));
        }

        return 0;
    }

    [StructLayout(LayoutKind.Sequential, Size = 64)]
    private struct Slot
    {
        public long A, B, C, D, E, F, G, H;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Fill(long value)
        {
            A = value;
            B = value + 1;
            C = value + 2;
            D = value + 3;
            E = value + 4;
            F = value + 5;
            G = value + 6;
            H = value + 7;
        }
    }

    private struct Sum : IEventHandler<Slot>
    {
        public long Total;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void OnEvent(ref Slot slot, long sequence, bool endOfBatch) => Total += slot.A + slot.H;
    }

    internal static double RingOneWay(long count, int batch)
    {
        RingBuffer<Slot> ring = new(Capacity);
        SingleProducerSequencer sequencer = new(Capacity, new BusySpinWaitStrategy());
        var consumer = EventProcessor.ForEach("sum", ring, sequencer.NewBarrier(), default(Sum));
        sequencer.AddGatingSequences(consumer.Sequence);
        Thread thread = consumer.Start();
        long start = Stopwatch.GetTimestamp();
        if (batch == 1)
            ProduceOneByOne(ring, sequencer, count);
        else
            ProduceBatches(ring, sequencer, count, batch);
        sequencer.Complete();
        thread.Join();
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        Check(consumer.Handler.Handler.Total, count);
        return count / seconds;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void ProduceOneByOne(RingBuffer<Slot> ring, SingleProducerSequencer sequencer, long count)
    {
        for (long i = 0; i < count; i++)
        {
            long sequence = sequencer.Next();
            ring[sequence].Fill(i);
            sequencer.Publish(sequence);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void ProduceBatches(RingBuffer<Slot> ring, SingleProducerSequencer sequencer, long count, int batch)
    {
        for (long i = 0; i < count;)
        {
            int size = (int)Math.Min(batch, count - i);
            long last = sequencer.Next(size);
            for (long sequence = last - size + 1; sequence <= last; sequence++)
                ring[sequence].Fill(i++);
            sequencer.Publish(last);
        }
    }

    private static double RingTwoProducers(long count)
    {
        RingBuffer<Slot> ring = new(Capacity);
        MultiProducerSequencer sequencer = new(Capacity, new YieldingWaitStrategy());
        var consumer = EventProcessor.ForEach("sum", ring, sequencer.NewBarrier(), default(Sum));
        sequencer.AddGatingSequences(consumer.Sequence);
        Thread thread = consumer.Start();
        void Produce(object? first)
        {
            for (long i = (int)first!; i < count; i += 2)
            {
                long sequence = sequencer.Next();
                ring[sequence].Fill(i);
                sequencer.Publish(sequence);
            }
        }

        long start = Stopwatch.GetTimestamp();
        Thread other = new(Produce);
        other.Start(1);
        Produce(0);
        other.Join();
        sequencer.Complete();
        thread.Join();
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        Check(consumer.Handler.Handler.Total, count);
        return count / seconds;
    }

    internal static double ChannelOneWay(long count)
    {
        Channel<Slot> channel = Channel.CreateBounded<Slot>(new BoundedChannelOptions(Capacity) { SingleReader = true, SingleWriter = true });
        long total = 0;
        Thread thread = new(() =>
        {
            while (channel.Reader.WaitToReadAsync().AsTask().Result)
            {
                while (channel.Reader.TryRead(out Slot slot))
                    total += slot.A + slot.H;
            }
        });
        thread.Start();
        long start = Stopwatch.GetTimestamp();
        for (long i = 0; i < count; i++)
        {
            Slot slot = default;
            slot.Fill(i);
            while (!channel.Writer.TryWrite(slot))
                channel.Writer.WaitToWriteAsync().AsTask().Wait();
        }

        channel.Writer.Complete();
        thread.Join();
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        Check(total, count);
        return count / seconds;
    }

    private static double LockOneWay(long count)
    {
        Queue<Slot> queue = new(Capacity);
        long total = 0;
        Thread thread = new(() =>
        {
            for (long i = 0; i < count; i++)
            {
                Slot slot;
                lock (queue)
                {
                    while (!queue.TryDequeue(out slot))
                        Monitor.Wait(queue);
                    Monitor.Pulse(queue);
                }

                total += slot.A + slot.H;
            }
        });
        thread.Start();
        long start = Stopwatch.GetTimestamp();
        for (long i = 0; i < count; i++)
        {
            Slot slot = default;
            slot.Fill(i);
            lock (queue)
            {
                while (queue.Count == Capacity)
                    Monitor.Wait(queue);
                queue.Enqueue(slot);
                Monitor.Pulse(queue);
            }
        }

        thread.Join();
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        Check(total, count);
        return count / seconds;
    }

    private readonly struct Echo(RingBuffer<Slot> pong, SingleProducerSequencer back) : IEventHandler<Slot>
    {
        public void OnEvent(ref Slot slot, long sequence, bool endOfBatch)
        {
            long claimed = back.Next();
            pong[claimed] = slot;
            back.Publish(claimed);
        }
    }

    internal static void RingRoundTrip(long[] nanos)
    {
        RingBuffer<Slot> ping = new(1024), pong = new(1024);
        SingleProducerSequencer there = new(1024, new BusySpinWaitStrategy()), back = new(1024, new BusySpinWaitStrategy());
        var echo = EventProcessor.ForEach("echo", ping, there.NewBarrier(), new Echo(pong, back));
        there.AddGatingSequences(echo.Sequence);
        SequenceBarrier home = back.NewBarrier();
        Sequence mine = new();
        back.AddGatingSequences(mine);
        Thread thread = echo.Start();
        long total = Play(nanos, ping, pong, there, home, mine);
        there.Complete();
        thread.Join();
        Check(total, nanos.Length);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static long Play(long[] nanos, RingBuffer<Slot> ping, RingBuffer<Slot> pong, SingleProducerSequencer there, SequenceBarrier home, Sequence mine)
    {
        long total = 0;
        double nanosPerTick = 1e9 / Stopwatch.Frequency;
        for (long i = 0; i < nanos.Length; i++)
        {
            long start = Stopwatch.GetTimestamp();
            long sequence = there.Next();
            ping[sequence].Fill(i);
            there.Publish(sequence);
            home.WaitFor(i);
            total += pong[i].A + pong[i].H;
            mine.Set(i);
            nanos[i] = (long)((Stopwatch.GetTimestamp() - start) * nanosPerTick);
        }

        return total;
    }

    private static void ChannelRoundTrip(long[] nanos)
    {
        UnboundedChannelOptions options = new() { SingleReader = true, SingleWriter = true };
        Channel<Slot> ping = Channel.CreateUnbounded<Slot>(options), pong = Channel.CreateUnbounded<Slot>(options);
        Thread thread = new(() =>
        {
            for (long i = 0; i < nanos.Length;)
            {
                if (!ping.Reader.TryRead(out Slot slot))
                    continue;
                pong.Writer.TryWrite(slot);
                i++;
            }
        });
        thread.Start();
        long total = 0;
        for (long i = 0; i < nanos.Length; i++)
        {
            long start = Stopwatch.GetTimestamp();
            Slot slot = default;
            slot.Fill(i);
            ping.Writer.TryWrite(slot);
            Slot answer;
            while (!pong.Reader.TryRead(out answer))
            {
                // Spins, as the ring does.
            }

            total += answer.A + answer.H;
            nanos[i] = (long)Stopwatch.GetElapsedTime(start).TotalNanoseconds;
        }

        thread.Join();
        Check(total, nanos.Length);
    }

    /// <summary>Σ (2 i + 7) for i below the count.</summary>
    private static void Check(long total, long count)
    {
        if (total != count * (count - 1) + 7 * count)
            throw new InvalidOperationException($"the sum {total} of {count} events is wrong: slots were lost, doubled or torn");
    }

    private static long At(long[] sorted, double quantile) => sorted[Math.Min(sorted.Length - 1, (int)(sorted.Length * quantile))];

    private static double Median(double[,] rates, int row)
    {
        double[] values = new double[Rounds];
        for (int i = 0; i < Rounds; i++)
            values[i] = rates[row, i];
        Array.Sort(values);
        return values[Rounds / 2];
    }

    private static double Best(double[,] rates, int row)
    {
        double best = 0;
        for (int i = 0; i < Rounds; i++)
            best = Math.Max(best, rates[row, i]);
        return best;
    }
}
