#Requires -Version 7.4

BeforeDiscovery {
    Import-Module (Join-Path $PSScriptRoot 'Amp.TestSupport.psm1')
    $missing = Get-AmpTestGap MarchCli
}

BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'Amp.TestSupport.psm1')
    Import-Module (Get-AmpTestLayout).Module

    function Get-Refusal([scriptblock] $Statement) {
        try {
            $null = & $Statement
        } catch {
            $_.FullyQualifiedErrorId | Should -Be 'InvalidOption,Amp.PowerShell.Commands.NewAmpPermissionCommand'
            $_.CategoryInfo.Category | Should -Be 'InvalidArgument'
            $_.ErrorDetails.RecommendedAction | Should -Not -BeNullOrEmpty
            return $_.Exception.Message
        }

        throw 'It was not refused.'
    }
}

Describe 'New-AmpPermission' {
    It 'makes a rule for each tool, piped or listed' {
        'Read', 'Grep' | New-AmpPermission -Action Allow | ForEach-Object ToJson |
            Should -Be '{"tool":"Read","action":"allow"}', '{"tool":"Grep","action":"allow"}'
        New-AmpPermission Read, Grep Reject | ForEach-Object ToJson |
            Should -Be '{"tool":"Read","action":"reject"}', '{"tool":"Grep","action":"reject"}'
    }

    It 'takes objects with the names of its parameters, and rules, to make others of them' {
        $row = [pscustomobject]@{ Tool = 'Bash'; Action = 'Reject'; Match = @{ cmd = 'rm *' }; Message = 'No.' }
        $rule = $row | New-AmpPermission
        $rule.ToJson() | Should -Be '{"tool":"Bash","action":"reject","matches":{"cmd":"rm *"},"message":"No."}'
        [pscustomobject]@{ Name = 'mcp__x__*' } | New-AmpPermission -Action Ask | ForEach-Object Tool | Should -Be 'mcp__x__*'
        New-AmpPermission Bash Allow -Match @{ cmd = 'ls' } -Context Thread | New-AmpPermission -Action Reject | ForEach-Object ToJson |
            Should -Be '{"tool":"Bash","action":"reject","matches":{"cmd":"ls"},"context":"thread"}'
    }

    It 'makes rules of stored ones and of rows with empty cells' {
        $stored = [System.Management.Automation.PSSerializer]::Deserialize([System.Management.Automation.PSSerializer]::Serialize((New-AmpPermission Bash Allow)))
        ($stored | New-AmpPermission -Action Reject).ToJson() | Should -Be '{"tool":"Bash","action":"reject"}'
        $rows = 'Tool,Action,Kind,Command,Path', 'Bash,Reject,,,', 'Read,Allow,,,' | ConvertFrom-Csv
        $rows | New-AmpPermission | ForEach-Object ToJson | Should -Be '{"tool":"Bash","action":"reject"}', '{"tool":"Read","action":"allow"}'
    }

    It 'refuses a piped object whose rule would hold for more: <Name>' -ForEach @(
        @{ Name = 'a match that is null'; Limit = @{ Match = $null } }
        @{ Name = 'matches that are null'; Limit = @{ Matches = $null } }
        @{ Name = 'a context that is null'; Limit = @{ Context = $null } }
        @{ Name = 'a program that is null'; Limit = @{ To = $null } }
        @{ Name = 'a command'; Limit = @{ Command = 'git *' } }
        @{ Name = 'a path'; Limit = @{ Path = '/etc/*' } }
        @{ Name = 'a kind'; Limit = @{ Kind = 'Shell' } }
    ) {
        Get-Refusal { [pscustomobject] (@{ Tool = 'Bash'; Action = 'Allow' } + $Limit) | New-AmpPermission } | Should -Not -BeNullOrEmpty
        Get-Refusal { [pscustomobject] $Limit | New-AmpPermission Bash Allow } | Should -Not -BeNullOrEmpty
    }

    It 'refuses a piped rule for a kind, and a piped string beside a tool' {
        Get-Refusal { New-AmpPermission -Kind Shell -Command 'git *' -Action Allow | New-AmpPermission -Action Reject } | Should -Not -BeNullOrEmpty
        Get-Refusal { 'git *' | New-AmpPermission Bash Allow } | Should -Not -BeNullOrEmpty
    }

    It 'refuses a piped null' {
        Get-Refusal { $null | New-AmpPermission Bash Allow } | Should -Not -BeNullOrEmpty
        Get-Refusal { $null | New-AmpPermission -Action Allow } | Should -Not -BeNullOrEmpty
    }

    It 'takes a match that a script block makes of each piped object, and no null' {
        'git status', 'git log' | New-AmpPermission Bash Allow -Match { @{ cmd = $_ } } | ForEach-Object ToJson |
            Should -Be '{"tool":"Bash","action":"allow","matches":{"cmd":"git status"}}', '{"tool":"Bash","action":"allow","matches":{"cmd":"git log"}}'
        ([pscustomobject] @{ Command = 'ls' } | New-AmpPermission Bash Allow -Match { @{ cmd = $_.Command } }).ToJson() |
            Should -Be '{"tool":"Bash","action":"allow","matches":{"cmd":"ls"}}'
        ('no rm' | New-AmpPermission Bash Reject -Message { $_ }).ToJson() | Should -Be '{"tool":"Bash","action":"reject","message":"no rm"}'
        Get-Refusal { 'Bash' | New-AmpPermission -Action Allow -Match { $null } } | Should -Not -BeNullOrEmpty
        Get-Refusal { [pscustomobject] @{ Tool = 'Bash'; Match = @{ cmd = 'ls' }; Path = '/etc/*' } | New-AmpPermission -Action Allow } | Should -Not -BeNullOrEmpty
    }

    It 'makes rules of calls, which must not hold for more than the call if they allow' {
        $denial = [Amp.ToolDenial]::new('mcp__x__y', 'No.')
        ($denial | New-AmpPermission -Action Allow).ToJson() | Should -Be '{"tool":"mcp__x__y","action":"allow"}'
        $call = [Amp.ToolUseContent]::new('Bash', @{ cmd = 'ls' }, 't1')
        $copy = [System.Management.Automation.PSSerializer]::Deserialize([System.Management.Automation.PSSerializer]::Serialize($call))
        foreach ($one in $call, $copy) {
            ($one | New-AmpPermission -Action Reject).ToJson() | Should -Be '{"tool":"Bash","action":"reject"}'
            ($one | New-AmpPermission -Action Allow -Match { @{ cmd = $_.Command } }).ToJson() | Should -Be '{"tool":"Bash","action":"allow","matches":{"cmd":"ls"}}'
            Get-Refusal { $one | New-AmpPermission -Action Allow } | Should -Not -BeNullOrEmpty
        }
    }

    It 'takes a match beside a piped object that has none' {
        ([pscustomobject] @{ Tool = 'Bash'; Action = 'Allow'; Match = $null } | New-AmpPermission -Match @{ cmd = 'ls' }).ToJson() |
            Should -Be '{"tool":"Bash","action":"allow","matches":{"cmd":"ls"}}'
    }

    It 'makes a rule for each kind, with what it is about' {
        (New-AmpPermission -Kind Shell -Command 'git push*' -Action Ask).ToJson() | Should -BeExactly '{"kind":"shell","command":"git push*","action":"ask"}'
        New-AmpPermission -Kind Read, Write -Path '/etc/*' -Action Reject -Message 'No.' | ForEach-Object ToJson | Should -BeExactly @(
            '{"kind":"read","path":"/etc/*","action":"reject","message":"No."}', '{"kind":"write","path":"/etc/*","action":"reject","message":"No."}')
        $rule = New-AmpPermission -Kind Write Reject
        $rule.Kind | Should -Be Write
        $rule | Out-String | Should -BeLike '*kind Write*Reject*'
    }

    It 'refuses a rule for a kind that <Name>' -ForEach @(
        @{ Name = 'no list of tools stands for'; Parameters = @{ Kind = 'Other' } }
        @{ Name = 'runs no command'; Parameters = @{ Kind = 'Write'; Command = 'rm *' } }
        @{ Name = 'names no file'; Parameters = @{ Kind = 'Shell'; Path = '/etc/*' } }
        @{ Name = 'would hold for all because a variable was empty'; Parameters = @{ Kind = 'Shell'; Command = $null } }
    ) {
        Get-Refusal { New-AmpPermission @Parameters -Action Reject } | Should -Not -BeNullOrEmpty
    }

    It 'writes values in every form that PowerShell has for them' {
        $pipedText = 'git *', '/^x$/' | Write-Output
        $match = [ordered]@{
            cmd = $pipedText
            number = 5
            part = [decimal] 1.5
            flag = $true
            switch = [switch] $true
            none = $null
            options = @{ deep = [pscustomobject]@{ er = , 'x' } }
        }
        (New-AmpPermission Bash Reject -Match $match -Context Subagent).ToJson() | Should -BeExactly (
            '{"tool":"Bash","action":"reject","matches":{"cmd":["git *","/^x$/"],"number":5,"part":1.5,"flag":true,"switch":true,' +
            '"none":null,"options":{"deep":{"er":["x"]}}},"context":"subagent"}')
    }

    It 'writes keys as they stand, also ones that differ only in case' {
        $match = [System.Collections.Specialized.OrderedDictionary]::new()
        $match['CMD'] = 1
        $match['cmd'] = 2
        (New-AmpPermission Bash Ask -Match $match).ToJson() | Should -BeExactly '{"tool":"Bash","action":"ask","matches":{"CMD":1,"cmd":2}}'
    }

    It 'does not change what it is given' {
        $list = [System.Collections.ArrayList]@('a', 'b')
        $match = @{ cmd = $list; inner = @{ a = 1 } }
        $rule = New-AmpPermission Bash Reject -Match $match
        $match.Keys | Sort-Object | Should -Be 'cmd', 'inner'
        [object]::ReferenceEquals($match.cmd, $list) | Should -BeTrue
        $list | Should -Be 'a', 'b'
        $null = $list.Add('c')
        $match.inner.a = 2
        $rule.ToJson() | Should -Be '{"tool":"Bash","action":"reject","matches":{"cmd":["a","b"],"inner":{"a":1}}}'
    }

    It 'lets one reach into a rule with dots' {
        $rule = New-AmpPermission Bash Reject -Match @{ options = @{ depth = 3 } }
        $rule.Matches.options.depth | Should -Be 3
        $rule.Action | Should -Be 'Reject'
    }

    It 'finds the program to delegate to from PowerShell''s location, which is not the process''s' {
        $place = Open-AmpTestPlace
        try {
            $program = Join-Path $place.Project ($IsWindows ? 'check.exe' : 'check')
            Set-Content -LiteralPath $program -Value '#!/bin/sh'
            if (-not $IsWindows) {
                chmod +x $program
            }

            Push-Location $place.Project
            $rule = New-AmpPermission * Delegate -To "./$(Split-Path -Leaf $program)"
            $rule.To | Should -Be $program
        } finally {
            Pop-Location
            Close-AmpTestPlace $place
        }
    }

    It 'refuses <Case>' -ForEach @(
        @{ Case = 'no tool'; Arguments = @{ Tool = '' }; Message = '*does not name a tool*' }
        @{ Case = 'null for a tool'; Arguments = @{ Tool = $null }; Message = '*does not name a tool*' }
        @{ Case = 'an empty list of tools'; Arguments = @{ Tool = @() }; Message = '*does not name a tool*' }
        @{ Case = 'tools in one text'; Arguments = @{ Tool = 'Read,Grep' }; Message = '*comma*' }
        @{ Case = 'a tool with a pattern of its input'; Arguments = @{ Tool = 'Bash(git:*)' }; Message = '*parenthesis*' }
        @{ Case = 'a tool with a NUL'; Arguments = @{ Tool = "Bash`0" }; Message = '*control character*' }
        @{ Case = 'an empty match'; Arguments = @{ Match = @{} }; Message = 'Match is empty*' }
        @{ Case = 'an empty list'; Arguments = @{ Match = @{ cmd = @() } }; Message = 'Match.cmd is an empty list*' }
        @{ Case = 'a date'; Arguments = @{ Match = @{ cmd = 'a', 'b', [datetime]::Now } }; Message = 'Match.cmd`[2`] is an object of type System.DateTime*' }
        @{ Case = 'a script block'; Arguments = @{ Match = @{ a = @{ b = { x } } } }; Message = 'Match.a.b is an object of type *ScriptBlock*' }
        @{ Case = 'a number that is none'; Arguments = @{ Match = @{ n = [double]::NaN } }; Message = 'Match.n is NaN*' }
        @{ Case = 'a hashtable in a list'; Arguments = @{ Match = @{ cmd = , @{ a = 1 } } }; Message = 'Match.cmd`[0`] is a dictionary in a list*' }
        @{ Case = 'a key that is not a string'; Arguments = @{ Match = @{ 1 = 'a' } }; Message = '*type System.Int32*' }
        @{ Case = 'a regular expression of .NET'; Arguments = @{ Match = @{ cmd = '/(?i)rm/' } }; Message = '*not a valid JavaScript regular expression*' }
        @{ Case = 'a delegation to nothing'; Arguments = @{ Action = 'Delegate' }; Message = '*requires a program*' }
        @{ Case = 'a delegation to nowhere'; Arguments = @{ Action = 'Delegate'; To = './not-there' }; Message = '*not-there*does not exist*' }
        @{ Case = 'a delegation with a NUL'; Arguments = @{ Action = 'Delegate'; To = "a`0b" }; Message = '*NUL*' }
        @{ Case = 'a delegation to a variable'; Arguments = @{ Action = 'Delegate'; To = 'env:PATH' }; Message = '*provider Environment*' }
        @{ Case = 'a program without a delegation'; Arguments = @{ To = 'somewhere' }; Message = '*action of the rule is Allow*' }
        @{ Case = 'a message without a reject'; Arguments = @{ Message = 'x' }; Message = '*requires the action Reject*' }
    ) {
        $given = @{ Tool = 'Bash'; Action = 'Allow' }
        foreach ($name in $Arguments.Keys) {
            $given[$name] = $Arguments[$name]
        }

        Get-Refusal { New-AmpPermission @given } | Should -BeLike $Message
    }

    It 'refuses a match that contains itself' {
        $match = @{}
        $match.a = @{ b = $match }
        Get-Refusal { New-AmpPermission Bash Reject -Match $match } | Should -BeLike '*contains itself*'
    }

    It 'makes no rules at all when one of several is wrong, so that no half of a list is used' {
        $rules = 'unchanged'
        Get-Refusal { $script:rules = 'Read', 'a b', 'Grep' | New-AmpPermission -Action Allow } | Should -BeLike '*white space*'
        $rules | Should -Be 'unchanged'
    }
}

Describe 'New-AmpPermission -ReadOnly' {
    It 'allows tools by name and rejects everything else' {
        $rules = @(New-AmpPermission -ReadOnly)
        $rules[-1].ToJson() | Should -Be '{"tool":"*","action":"reject"}'
        $allowed = $rules[0..($rules.Count - 2)]
        $allowed.Action | Select-Object -Unique | Should -Be 'Allow'
        $allowed.Tool | Should -Contain 'Read'
        $allowed.Tool -match '[*?[{]' | Should -BeNullOrEmpty
    }

    It 'is not mixed with rules of other kinds' {
        { New-AmpPermission -ReadOnly -Tool Bash -Action Allow } | Should -Throw -ErrorId 'AmbiguousParameterSet,*'
    }
}

Describe "Rules in a run of the real CLI$missing" -Skip:([bool] $missing) {
    BeforeAll {
        $place = Open-AmpTestPlace
        $service = Open-AmpLocalService $place
        $call = Get-AmpLocalCall $place $service

        # A tool that takes anything, so that rules for every kind of value have something to match.
        $toolbox = Join-Path $place.Project 'toolbox'
        $null = New-Item -ItemType Directory $toolbox
        $tool = Join-Path $toolbox 'echo'
        Set-Content -LiteralPath $tool -Value @'
#!/bin/sh
if [ "$TOOLBOX_ACTION" = describe ]; then
    echo '{"name":"echo","description":"Echoes.","inputSchema":{"type":"object","properties":{},"additionalProperties":true}}'
else
    cat
fi
'@
        if (-not $IsWindows) {
            chmod +x $tool
        }

        # What became of one tool call: 'ran', or the text that the model got instead.
        function Get-Fate($Rule, [string] $Json, [string] $Tool = 'tb__echo', [hashtable] $More = @{}) {
            $rules = $Rule ? @{ Permission = $Rule } : @{}
            $messages = Invoke-AmpAgent "RUN:$Tool ${Json}END" @call @rules -Toolbox $toolbox @More -WarningAction Ignore -ErrorAction Ignore
            $result = @($messages.ToolResult)[0]
            $result.IsError ? $result.Text : 'ran'
        }
    }

    AfterAll {
        Close-AmpTestPlace $place
    }

    It 'match <Case>' -Skip:$IsWindows -ForEach @(
        @{ Case = 'a number'; Match = @{ n = 5 }; Hit = '{"n":5}'; Miss = '{"n":"5"}' }
        @{ Case = 'a boolean'; Match = @{ b = $false }; Hit = '{"b":false}'; Miss = '{"b":0}' }
        @{ Case = 'null'; Match = @{ z = $null }; Hit = '{"z":null}'; Miss = '{"z":"null"}' }
        @{ Case = 'one of a list'; Match = @{ v = 'a*', 5, $true }; Hit = '{"v":5}'; Miss = '{"v":6}' }
        @{ Case = 'a text of a list'; Match = @{ v = 'a*', 5 }; Hit = '{"v":"abc"}'; Miss = '{"v":"cba"}' }
        @{ Case = 'inside an object'; Match = @{ o = @{ p = @{ q = '/^x+$/' } } }; Hit = '{"o":{"p":{"q":"xx"},"r":1}}'; Miss = '{"o":{"p":{"q":"xy"}}}' }
        @{ Case = 'a path into an object'; Match = @{ 'o.p' = 1.5 }; Hit = '{"o":{"p":1.5}}'; Miss = '{"o":{"p":2}}' }
        @{ Case = 'several inputs, of which all must match'; Match = @{ a = 1; b = 2 }; Hit = '{"a":1,"b":2}'; Miss = '{"a":1,"b":3}' }
    ) {
        $rules = @(
            New-AmpPermission tb__echo Reject -Match $Match -Message 'Matched.'
            New-AmpPermission * Allow
        )
        Get-Fate $rules $Hit | Should -BeLike '*Matched.*'
        Get-Fate $rules $Miss | Should -Be 'ran'
    }

    It 'delegate to a program that sees the call' -Skip:$IsWindows {
        $program = Join-Path $place.Project 'decide'
        Set-Content -LiteralPath $program -Value "#!/bin/sh`necho ""`$AGENT_TOOL_NAME `$(cat)"" > '$($place.Root)/seen'`nexit 0"
        chmod +x $program
        Get-Fate (New-AmpPermission * Delegate -To $program) '{"n":1}' | Should -Be 'ran'
        Get-Content (Join-Path $place.Root 'seen') | Should -Be 'tb__echo {"n":1}'
        Set-Content -LiteralPath $program -Value "#!/bin/sh`ncat > /dev/null`nexit 2"
        Get-Fate (New-AmpPermission * Delegate -To $program) '{"n":1}' | Should -Not -Be 'ran'
    }

    It 'let the agent read and do nothing else with the read-only rules' {
        Set-Content -LiteralPath (Join-Path $place.Project 'note.txt') -Value 'a note'
        $rules = New-AmpPermission -ReadOnly
        Get-Fate $rules (ConvertTo-Json -Compress -InputObject @{ path = Join-Path $place.Project 'note.txt' }) -Tool Read | Should -Be 'ran'
        Get-Fate $rules '{"cmd":"python -c 1"}' -Tool Bash | Should -BeLike '*ejected*'
        $new = Join-Path $place.Project 'new.txt'
        Get-Fate $rules (ConvertTo-Json -Compress -InputObject @{ path = $new; content = 'x' }) -Tool create_file | Should -BeLike '*ejected*'
        $new | Should -Not -Exist
    }

    It 'are dropped by the CLI without a word where a list is empty, which is why that is refused here' {
        $file = Join-Path $place.Root 'settings-with-empty-list.json'
        Set-Content -LiteralPath $file -Value '{"amp.permissions":[{"tool":"Bash","action":"reject","matches":{"cmd":[]}}]}'
        Get-Fate @() '{"cmd":"echo ran"}' -Tool Bash -More @{ SettingsFile = $file } | Should -Be 'ran'
    }
}
