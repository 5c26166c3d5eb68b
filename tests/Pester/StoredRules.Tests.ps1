#Requires -Version 7.4

BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'Amp.TestSupport.psm1')
    Import-Module (Get-AmpTestLayout).Module

    function Get-Secret([string] $Text) {
        [System.Net.NetworkCredential]::new('', $Text).SecurePassword
    }
}

Describe 'Rules and servers that stand for those of the module' {
    BeforeAll {
        $place = Open-AmpTestPlace

        # The content of a file that the CLI was given by an option.
        function Get-Given([string] $Option, [hashtable] $Parameter) {
            $place.Log = Join-Path $place.Root "log-$([guid]::NewGuid().ToString('N'))"
            $call = Get-AmpFakeCall $place
            $null = Invoke-AmpAgent 'go' @call @Parameter -ErrorAction Stop
            @((Get-AmpFakeRecord $place -Kind Run).files | Where-Object source -EQ $Option).content
        }

        function Get-GivenRule($Rule) {
            (Get-Given '--settings-file' @{ Permission = $Rule } | ConvertFrom-Json).'amp.permissions' |
                ForEach-Object { ConvertTo-Json $_ -Depth 50 -Compress }
        }

        function Get-Refusal([hashtable] $Parameter) {
            $call = Get-AmpFakeCall $place
            $refusal = { Invoke-AmpAgent 'go' @call @Parameter } | Should -Throw -PassThru `
                -ErrorId 'ParameterArgumentTransformationError,Amp.PowerShell.Commands.InvokeAmpAgentCommand'
            $refusal.Exception.Message | Should -Not -BeLike '*canary*'
            $refusal.Exception.Message
        }

        $deep = 'end'
        1..30 | ForEach-Object { $deep = @{ d = $deep } }
        $rules = @(
            New-AmpPermission Bash Reject -Match ([ordered]@{ cmd = 'rm *', '/^x+$/'; n = 1.5; b = $false; z = $null; o = $deep }) -Message 'No.'
            New-AmpPermission Read Allow -Context Subagent
        )
        $expected = $rules.ToJson()
        $servers = @(
            New-AmpMcpServer files node -ArgumentList 'a b', '-x'
            New-AmpMcpServer web -Url https://example.com/mcp -Transport sse -OAuthClientId id `
                -OAuthAuthorizationUrl https://a.example/ -OAuthTokenUrl https://t.example/ -OAuthScope r, w
        )
        $expectedServers = Get-Given '--mcp-config' @{ McpServer = $servers }
    }

    AfterAll {
        Close-AmpTestPlace $place
    }

    It 'are what came back from Export-Clixml' {
        $file = Join-Path $place.Root 'stored.xml'
        $rules | Export-Clixml -LiteralPath $file
        $back = Import-Clixml -LiteralPath $file
        $back[0].PSObject.TypeNames | Should -Contain 'Deserialized.Amp.AmpPermission'
        Get-GivenRule $back | Should -BeExactly $expected
        $servers | Export-Clixml -LiteralPath $file
        Get-Given '--mcp-config' @{ McpServer = Import-Clixml -LiteralPath $file } | Should -BeExactly $expectedServers
    }

    It 'are rules for kinds, which come back as the same' {
        $kinds = @(
            New-AmpPermission -Kind Shell -Command 'rm *' -Action Reject -Message 'No.'
            New-AmpPermission -Kind Write -Path '/etc/*' -Action Reject
        )
        $given = Get-GivenRule $kinds
        $given | Should -Contain '{"tool":"shell_command","action":"reject","matches":{"command":"rm *"},"message":"No."}'
        $given | Where-Object { $_ -match '"kind"' } | Should -BeNullOrEmpty
        $file = Join-Path $place.Root 'kinds.xml'
        $kinds | Export-Clixml -LiteralPath $file
        Get-GivenRule (Import-Clixml -LiteralPath $file) | Should -BeExactly $given
        Get-GivenRule ($kinds | ForEach-Object { $_.ToJson() | ConvertFrom-Json }) | Should -BeExactly $given
        Get-GivenRule @(
            @{ kind = 'shell'; command = 'rm *'; action = 'reject'; message = 'No.' }, @{ kind = 'Write'; path = '/etc/*'; action = 'Reject' }
        ) | Should -BeExactly $given
    }

    It 'are refused where a kind is mixed with <Name>' -ForEach @(
        @{ Name = 'a tool'; Rule = @{ kind = 'Shell'; tool = 'Bash'; action = 'reject' } }
        @{ Name = 'matches'; Rule = @{ kind = 'Shell'; matches = @{ cmd = 'x' }; action = 'reject' } }
        @{ Name = 'nothing, and a command is there'; Rule = @{ tool = 'Bash'; command = 'x'; action = 'reject' } }
        @{ Name = 'no kind'; Rule = @{ kind = 'Nothing'; action = 'reject' } }
    ) {
        Get-Refusal @{ Permission = $Rule } | Should -Not -BeNullOrEmpty
    }

    It 'are what came back from a job, which is sent as a remote session sends' {
        $module = (Get-AmpTestLayout).Module
        $job = Start-Job {
            Import-Module $using:module
            $deep = 'end'
            1..30 | ForEach-Object { $deep = @{ d = $deep } }
            New-AmpPermission Bash Reject -Match ([ordered]@{ cmd = 'rm *', '/^x+$/'; n = 1.5; b = $false; z = $null; o = $deep }) -Message 'No.'
            New-AmpPermission Read Allow -Context Subagent
            New-AmpMcpServer files node -ArgumentList 'a b', '-x'
        }
        try {
            $back = $job | Receive-Job -Wait -ErrorAction Stop
        } finally {
            Remove-Job $job -Force
        }

        $back.Count | Should -Be 3
        $back[0].PSObject.TypeNames | Should -Contain 'Deserialized.Amp.AmpPermission'
        Get-GivenRule $back[0, 1] | Should -BeExactly $expected
        (Get-Given '--mcp-config' @{ McpServer = $back[2] } | ConvertFrom-Json).files.args | Should -Be 'a b', '-x'
    }

    It 'are hashtables and objects of the same shape, alone, listed, and beside those of the module' {
        Get-GivenRule @{ tool = 'Bash'; action = 'reject'; matches = @{ cmd = 'rm *' } } |
            Should -BeExactly '{"tool":"Bash","action":"reject","matches":{"cmd":"rm *"}}'
        Get-GivenRule @(
            '{"tool":"Bash","action":"allow","matches":{"cmd":["ls","/x/"],"o":{"a":{"b":1}}},"context":"thread"}' | ConvertFrom-Json
            @{ Tool = 'Grep'; Action = [Amp.PermissionAction]::Reject; Message = 'Ask.' }
            $rules[1]
        ) | Should -BeExactly @(
            '{"tool":"Bash","action":"allow","matches":{"cmd":["ls","/x/"],"o":{"a":{"b":1}}},"context":"thread"}'
            '{"tool":"Grep","action":"reject","message":"Ask."}'
            $expected[1]
        )
        $given = Get-Given '--mcp-config' @{ McpServer = @(
                @{ name = 'a'; command = 'node'; args = 'x'; env = @{ K = Get-Secret 'canary-env' } }
                [pscustomobject]@{ Name = 'b'; Url = 'https://b.example/'; Headers = @{ Authorization = 'Bearer canary' }; Disabled = $false }
                @{ name = 'off'; command = 'x'; disabled = $true }
            )
        }
        $given | Should -BeExactly ('{"a":{"command":"node","args":["x"],"env":{"K":"canary-env"}},' +
            '"b":{"url":"https://b.example/","headers":{"Authorization":"Bearer canary"}}}')
    }

    It 'are delegates whose path starts from PowerShell''s location' -Skip:$IsWindows {
        Set-Content -LiteralPath (Join-Path $place.Project 'decide') -Value '#!/bin/sh'
        chmod +x (Join-Path $place.Project 'decide')
        Push-Location -LiteralPath $place.Project
        try {
            $json = Get-GivenRule @{ tool = '*'; action = 'delegate'; to = './decide' }
        } finally {
            Pop-Location
        }

        ($json | ConvertFrom-Json).to | Should -Be (Join-Path $place.Project 'decide')
    }

    It 'are not servers whose secrets have stayed behind: <Case>' -ForEach @(
        @{ Case = 'a variable'; Make = { New-AmpMcpServer s node -Environment @{ KEY = Get-Secret 'canary' } }; Message = "*lost the secrets in 'env': 'KEY'*SecureString*" }
        @{ Case = 'a header'; Make = { New-AmpMcpServer s -Url https://x/ -Header @{ KEY = 'canary' } }; Message = "*lost the secrets in 'headers': 'KEY'*" }
        @{ Case = 'an address'; Make = { New-AmpMcpServer s -Url 'https://x/?token=canary' }; Message = "*lost a secret in 'url'*" }
        @{
            Case = 'a client secret'; Message = '*oauth lost its client secret*'
            Make = { New-AmpMcpServer s -Url https://x/ -OAuthClientId i -OAuthClientSecret canary -OAuthAuthorizationUrl https://a/ -OAuthTokenUrl https://t/ }
        }
    ) {
        $back = [System.Management.Automation.PSSerializer]::Deserialize([System.Management.Automation.PSSerializer]::Serialize((& $Make), 5))
        Get-Refusal @{ McpServer = $back } | Should -BeLike $Message
    }

    It 'are refused by name and reason: <Case>' -ForEach @(
        @{ Case = 'no rule at all'; Parameter = @{ Permission = 42 }; Message = '*Rule 1 is an object of type System.Int32*' }
        @{ Case = 'a rule in words'; Parameter = @{ Permission = 'Bash' }; Message = '*Rule 1 is a string*New-AmpPermission*' }
        @{ Case = 'a rule without a tool'; Parameter = @{ Permission = @{ action = 'allow' } }; Message = "*has no 'tool'*" }
        @{ Case = 'a rule without an action'; Parameter = @{ Permission = @{ tool = 'x' } }; Message = "*has no 'action'*" }
        @{ Case = 'an action that is none'; Parameter = @{ Permission = @{ tool = 'x'; action = '1' } }; Message = "*action '1', which is not one of*Reject*" }
        @{ Case = 'a misspelt field'; Parameter = @{ Permission = @{ tool = 'x'; action = 'allow' }, @{ tool = 'x'; action = 'reject'; matchs = @{} } }; Message = "*Rule 2 has 'matchs'*matches*" }
        @{ Case = 'a match that is $null'; Parameter = @{ Permission = @{ tool = 'x'; action = 'allow'; matches = $null } }; Message = "*Rule 1 has a 'matches' that is `$null*" }
        @{ Case = 'a command that is $null'; Parameter = @{ Permission = @{ kind = 'Shell'; action = 'allow'; command = $null } }; Message = "*Rule 1 has a 'command' that is `$null*" }
        @{ Case = 'a context that is $null'; Parameter = @{ Permission = [pscustomobject]@{ tool = 'x'; action = 'allow'; context = $null } }; Message = "*Rule 1 has a 'context' that is `$null*" }
        @{ Case = 'an argument that is $null'; Parameter = @{ McpServer = @{ name = 'x'; command = 'x'; args = '-y', $null } }; Message = "*MCP server 1 has 'args'*`$null*" }
        @{ Case = 'an argument that is no text'; Parameter = @{ McpServer = @{ name = 'x'; command = 'x'; args = @('-y', @{ a = 1 }) } }; Message = "*MCP server 1 has 'args'*Hashtable*" }
        @{ Case = 'two fields of one meaning'; Parameter = @{ Permission = @{ tool = 'x'; action = 'reject'; match = @{ a = 1 }; matches = @{ a = 1 } } }; Message = "*both 'matches' and 'match'*" }
        @{ Case = 'a match that is text'; Parameter = @{ Permission = @{ tool = 'x'; action = 'reject'; matches = 'rm' } }; Message = '*matches*not a hashtable*' }
        @{ Case = 'a value inside a match'; Parameter = @{ Permission = @{ tool = 'x'; action = 'reject'; matches = @{ cmd = [datetime]::Now } } }; Message = '*Match.cmd*System.DateTime*' }
        @{ Case = 'a server of no kind'; Parameter = @{ McpServer = @{ name = 'x' } }; Message = "*MCP server 1 has neither 'command' nor 'url'*" }
        @{ Case = 'a server of both kinds'; Parameter = @{ McpServer = @{ name = 'x'; command = 'a'; url = 'https://x/' } }; Message = "*has both 'url' and 'command'*" }
        @{ Case = 'a server without a name'; Parameter = @{ McpServer = @{ command = 'x' } }; Message = "*has no 'name'*" }
        @{ Case = 'a field of the other kind'; Parameter = @{ McpServer = @{ name = 'x'; command = 'x'; headers = @{ a = 'canary' } } }; Message = "*has 'headers'*" }
        @{ Case = 'variables that are text'; Parameter = @{ McpServer = @{ name = 'x'; command = 'x'; env = 'canary' } }; Message = "*'env'*not a hashtable*" }
        @{ Case = 'a flag in words'; Parameter = @{ McpServer = @{ name = 'x'; command = 'x'; disabled = 'no' } }; Message = "*'disabled' of type System.String*" }
    ) {
        Get-Refusal $Parameter | Should -BeLike $Message
    }

    It 'are refused where a match was cut off by too little depth' {
        $plain = [pscustomobject]@{ Tool = 'Bash'; Action = 'Reject'; Matches = @{ o = 'System.Collections.Hashtable' } }
        $plain.PSObject.TypeNames.Insert(0, 'Deserialized.Amp.AmpPermission')
        Get-Refusal @{ Permission = $plain } | Should -BeLike '*Rule 1 lost the contents of matches.o*Depth*'
    }
}
