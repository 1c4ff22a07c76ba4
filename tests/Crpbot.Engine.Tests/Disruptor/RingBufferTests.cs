using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Crpbot.Disruptor;
using Xunit;

namespace Crpbot.Engine.Tests.Disruptor;

public sealed class RingBufferTests
{
    [StructLayout(LayoutKind.Sequential, Size = 64)]
    private struct Line
    {
        public long Value;
    }

    [Fact]
    public void SequencesOneLapApartShareASlot()
    {
        RingBuffer<Line> ring = new(4);
        ring[1].Value = 7;
        Assert.Equal(7, ring[5].Value);
        Assert.True(Unsafe.AreSame(ref ring[1], ref ring[1 + 4L * 1_000_000_000_000]));
        Assert.False(Unsafe.AreSame(ref ring[1], ref ring[2]));
    }

    [Fact]
    public void SlotsStartOnACacheLine()
    {
        for (int capacity = 1; capacity <= 1024; capacity *= 2)
        {
            Assert.True(new RingBuffer<Line>(capacity).IsAligned);
            Assert.True(new RingBuffer<byte>(capacity).IsAligned);
        }
    }

    [Fact]
    public void SlotsStayWhereTheyAreThroughCollections()
    {
        RingBuffer<Line> ring = new(1024);
        for (int i = 0; i < ring.Capacity; i++)
            ring[i].Value = i;
        ref Line kept = ref ring[1000];
        GC.Collect(2, GCCollectionMode.Forced, blocking: true, compacting: true);
        Assert.True(Unsafe.AreSame(ref kept, ref ring[1000]));
        for (int i = 0; i < ring.Capacity; i++)
            Assert.Equal(i, ring[i].Value);
    }

    [Theory]
    [InlineData(0, 0, 1)]
    [InlineData(0, 7, 8)]
    [InlineData(6, 9, 2)]
    [InlineData(8, 15, 8)]
    [InlineData(7, 7, 1)]
    [InlineData(9, 12, 4)]
    public void ARunStopsAtTheEndOfTheMemory(long first, long last, int length)
    {
        RingBuffer<Line> ring = new(8);
        Span<Line> run = ring.Run(first, last);
        Assert.Equal(length, run.Length);
        Assert.True(Unsafe.AreSame(ref run[0], ref ring[first]));
        Assert.True(Unsafe.AreSame(ref run[^1], ref ring[first + length - 1]));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(6)]
    [InlineData(1 << 26)]
    public void ImpossibleCapacitiesAreRefused(int capacity) => Assert.Throws<ArgumentException>(() => new RingBuffer<Line>(capacity));

    [Fact]
    public void ASequenceSharesItsLinesWithNobody()
    {
        StructLayoutAttribute layout = typeof(Sequence).StructLayoutAttribute!;
        Assert.Equal(LayoutKind.Explicit, layout.Value);
        FieldInfo value = Assert.Single(typeof(Sequence).GetFields(BindingFlags.Instance | BindingFlags.NonPublic));
        Assert.Equal(128, value.GetCustomAttribute<FieldOffsetAttribute>()!.Value);
        Assert.Equal(128 + sizeof(long) + 128, layout.Size);
    }

    [Fact]
    public void TheProducersFieldsShareTheirLinesWithNobody()
    {
        Type state = typeof(SingleProducerSequencer.ProducerState);
        FieldInfo[] fields = state.GetFields();
        Assert.All(fields, field => Assert.InRange(field.GetCustomAttribute<FieldOffsetAttribute>()!.Value, 128, 128 + 8));
        Assert.Equal(128 + 16 + 128, Unsafe.SizeOf<SingleProducerSequencer.ProducerState>());
    }
}
