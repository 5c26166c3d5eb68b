using System.Collections;
using System.Collections.Specialized;

namespace Amp.Sdk.Tests.Permissions;

/// <summary>A rule is what it was when it was made.</summary>
public sealed class RuleCopyTests
{
    [Fact]
    public void What_the_caller_changes_later_does_not_change_the_rule()
    {
        ArrayList list = ["a"];
        Hashtable inner = new() { ["list"] = list };
        Hashtable given = new() { ["inner"] = inner };
        AmpPermission rule = Rule.Matching(given);
        string before = rule.ToJson();
        list.Add("b");
        inner["more"] = 1;
        given.Clear();
        Assert.Equal(before, rule.ToJson());
    }

    [Fact]
    public void What_the_caller_gave_is_not_changed()
    {
        object?[] list = ["a", null];
        OrderedDictionary inner = Rule.Ordered(("b", 1), ("a", 2));
        Hashtable given = new() { ["list"] = list, ["inner"] = inner };
        _ = Rule.Matching(given);
        Assert.Equal(2, given.Count);
        Assert.Same(list, given["list"]);
        Assert.Same(inner, given["inner"]);
        Assert.Equal(["a", null], list);
        Assert.Equal(["b", "a"], inner.Keys.Cast<string>());
    }

    [Fact]
    public void What_a_rule_shows_cannot_be_changed()
    {
        OrderedDictionary matches = Rule.Matching(Rule.Ordered(("list", new[] { "a" }), ("inner", Rule.Ordered(("a", 1))))).Matches!;
        Assert.Throws<NotSupportedException>(() => matches["list"] = 1);
        Assert.Throws<NotSupportedException>(() => ((OrderedDictionary)matches["inner"]!).Add("b", 1));
        Assert.Throws<NotSupportedException>(() => ((IList)matches["list"]!)[0] = 1);
        Assert.Throws<NotSupportedException>(() => ((IList<AmpPermission>)AmpPermission.ReadOnlyPreset).Clear());
    }

    [Fact]
    public void A_value_may_stand_in_two_places()
    {
        Hashtable shared = new() { ["a"] = 1 };
        Assert.Contains(
            """{"x":{"a":1},"y":{"a":1}}""",
            Rule.Matching(new Hashtable { ["x"] = shared, ["y"] = shared }).ToJson(),
            StringComparison.Ordinal);
    }
}
