using Crpbot.Simulation.Numerics;
using Xunit;

namespace Crpbot.Engine.Tests.Simulation.Numerics;

public sealed class Xoshiro256Tests
{
    [Fact]
    public void DrawsTheNumbersOfTheReferenceImplementation()
    {
        var random = Xoshiro256.FromState(1, 2, 3, 4);
        ulong[] expected = [11520, 0, 1509978240, 1215971899390074240, 1216172134540287360, 607988272756665600, 16172922978634559625, 8476171486693032832];
        Assert.All(expected, number => Assert.Equal(number, random.Next()));
    }

    [Fact]
    public void NormalsHaveNormalMoments()
    {
        const int N = 200_000;
        var random = new Xoshiro256(7, 3);
        (double sum, double squares, double fourths) = (0, 0, 0);
        for (int i = 0; i < N; i++)
        {
            double x = random.NextNormal();
            sum += x;
            squares += x * x;
            fourths += x * x * x * x;
        }

        Assert.InRange(sum / N, -0.01, 0.01);
        Assert.InRange(squares / N, 0.985, 1.015);
        Assert.InRange(fourths / N, 2.9, 3.1);
    }

    [Fact]
    public void StreamsOfOneSeedDiffer()
    {
        var one = new Xoshiro256(1, 1);
        var other = new Xoshiro256(1, 2);
        int equal = 0;
        for (int i = 0; i < 1_000; i++)
            equal += one.NextBelow(2) == other.NextBelow(2) ? 1 : 0;
        Assert.InRange(equal, 430, 570);
    }
}
