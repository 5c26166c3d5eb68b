namespace Amp.Sdk.Tests.Levels;

public sealed class CircleTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("a-b b-c a-c", "")]
    [InlineData("a-a", "")]
    [InlineData("a-b b-a", "a b")]
    [InlineData("b-a a-b", "a b")]
    [InlineData("a-b b-c c-a", "a b c")]
    [InlineData("x-a a-b b-a b-y", "a b")]
    [InlineData("a-b b-c c-d d-a c-b", "b c")]
    [InlineData("a-b b-a c-d d-c b-c", "a b; c d")]
    [InlineData("a-b b-c c-a d-e e-f f-d c-d", "a b c; d e f")]
    public void A_shortest_circle_is_found_in_each_knot_and_none_where_there_is_none(string edges, string circles) => Assert.Equal(
        circles,
        string.Join("; ", Circles.In(edges.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(edge => (edge[..1], edge[2..])))
            .Select(circle => string.Join(' ', circle))));
}
