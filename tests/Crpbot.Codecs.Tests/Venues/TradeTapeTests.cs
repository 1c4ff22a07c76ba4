using Crpbot.Codecs.Venues;
using Xunit;

namespace Crpbot.Codecs.Tests.Venues;

public class TradeTapeTests
{
    [Fact]
    public void AnyIdIsWelcomeFirst()
    {
        TradeTape tape = default;
        Assert.False(tape.IsRepeated(1) || tape.IsAfterGap(1) || tape.IsAfterGap(long.MaxValue));
    }

    [Fact]
    public void TheNextIdIsWelcomeAnEarlierOneRepeatedALaterOneAfterAGap()
    {
        TradeTape tape = default;
        tape.Accept(7);
        Assert.Equal(8, tape.Next);
        Assert.Equal((false, false), (tape.IsRepeated(8), tape.IsAfterGap(8)));
        Assert.Equal((true, false), (tape.IsRepeated(7), tape.IsAfterGap(7)));
        Assert.Equal((false, true), (tape.IsRepeated(9), tape.IsAfterGap(9)));
    }

    [Fact]
    public void AnIdOnlyHeardOfMakesNothingRepeated()
    {
        TradeTape tape = default;
        tape.Tell(7);
        tape.Tell(5);
        Assert.Equal((8, false, true), (tape.Next, tape.IsRepeated(6), tape.IsAfterGap(9)));
        tape.Accept(6);
        tape.Tell(100);
        Assert.Equal(7, tape.Next);
    }
}
