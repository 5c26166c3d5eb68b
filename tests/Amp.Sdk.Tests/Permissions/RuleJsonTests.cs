using System.Collections;
using System.Numerics;
using System.Text.Json;

namespace Amp.Sdk.Tests.Permissions;

/// <summary>What a rule looks like for the CLI: as the SDKs for other languages write it.</summary>
public sealed class RuleJsonTests
{
    [Theory]
    [InlineData(PermissionAction.Allow, "allow")]
    [InlineData(PermissionAction.Reject, "reject")]
    [InlineData(PermissionAction.Ask, "ask")]
    public void A_rule_for_a_tool_has_the_tool_and_the_action(PermissionAction action, string name) =>
        Assert.Equal($$"""{"tool":"mcp__x__*","action":"{{name}}"}""", new AmpPermission("mcp__x__*", action).ToJson());

    [Fact]
    public void The_fields_come_in_the_order_of_the_other_SDKs()
    {
        AmpPermission rule = new(
            "Bash", PermissionAction.Reject, Rule.Ordered(("cmd", "rm *")), PermissionContext.Subagent, message: "Never <rm> \"here\", ä.");
        Assert.Equal(
            """{"tool":"Bash","action":"reject","matches":{"cmd":"rm *"},"context":"subagent","message":"Never <rm> \"here\", ä."}""",
            rule.ToJson());
        string program = Environment.ProcessPath!;
        rule = new("Bash", PermissionAction.Delegate, context: PermissionContext.Thread, to: program);
        string path = JsonSerializer.Serialize(program);
        Assert.Equal($$"""{"tool":"Bash","action":"delegate","context":"thread","to":{{path}}}""", rule.ToJson());
    }

    [Fact]
    public void Every_kind_of_value_is_written_as_what_it_is()
    {
        AmpPermission rule = Rule.Matching(Rule.Ordered(
            ("glob", "git *"),
            ("regex", "/^a+\\/b$/"),
            ("any", new object?[] { "a", 1, true, null, -2.5 }),
            ("whole", 9_007_199_254_740_992L),
            ("big", new BigInteger(12)),
            ("part", 1.25m),
            ("single", 0.1f),
            ("letter", 'x'),
            ("no", false),
            ("nothing", null),
            ("inner", Rule.Ordered(("deep", Rule.Ordered(("er", new List<string> { "x" })))))));
        Assert.Equal(
            """
            {"glob":"git *","regex":"/^a+\\/b$/","any":["a",1,true,null,-2.5],"whole":9007199254740992,"big":12,"part":1.25,
            "single":0.1,"letter":"x","no":false,"nothing":null,"inner":{"deep":{"er":["x"]}}}
            """.ReplaceLineEndings(string.Empty),
            rule.ToJson()["""{"tool":"Bash","action":"reject","matches":""".Length..^1]);
    }

    [Fact]
    public void A_hashtable_which_has_no_order_is_written_in_that_of_its_keys()
    {
        Hashtable given = [];
        foreach (char c in "qwertzuiopasdfghjklyxcvbnm")
        {
            given[c.ToString()] = 1;
        }

        Assert.Equal("abcdefghijklmnopqrstuvwxyz", string.Concat(Rule.Matching(given).Matches!.Keys.Cast<string>()));
    }

    [Fact]
    public void Keys_that_differ_only_in_case_are_all_written()
    {
        AmpPermission rule = Rule.Matching(new Hashtable { ["a"] = 1, ["A"] = 2 });
        Assert.Contains("""{"A":2,"a":1}""", rule.ToJson(), StringComparison.Ordinal);
    }

    [Fact]
    public void An_empty_object_inside_a_match_means_any_object_and_is_written() =>
        Assert.Contains("""{"cmd":{}}""", Rule.Matching((object)new Hashtable()).ToJson(), StringComparison.Ordinal);

    [Fact]
    public void The_text_of_a_rule_is_its_JSON() =>
        Assert.Equal(Rule.Matching("x").ToJson(), Rule.Matching("x").ToString());
}
